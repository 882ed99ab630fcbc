import { iconCode } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Empty } from '../../components/empty.js';
import { Outcome } from '../../components/outcome.js';
import { PageHeader } from '../../components/page-header.js';
import { useLoad } from '../../components/use-load.js';
import { readLogic } from '../../data/logic.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { LogicStateMark } from './logic-state-mark.js';
import { ProgramPanel } from './program-panel.js';

const t = texts.logic;
const periodMs = 1_000;

/** The control programs: what they do now, their text, and a trial on recorded history. */
export function LogicPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { router } = useServices();
  const { query } = useStore(router);
  const url = usePlant((view) => view.nodeUrl);
  const { value: programs = [], error } = useLoad(url, async () => readLogic(url), periodMs, 0, 'logic');
  const chosen = programs.find(({ name }) => name === query.program) ?? programs[0];
  return (
    <>
      <PageHeader title={texts.pages.logic} subtitle={t.summary(programs.filter(({ state }) => state === 'running').length, programs.length)} />
      {error === undefined ? null : <Outcome kind="failed" text={t.failed(error)} />}
      {chosen === undefined ? (
        <Empty icon={iconCode} header={t.none} detail={t.noneDetail} />
      ) : (
        <div className="master-detail">
          <ul className="master" aria-label={t.list}>
            {programs.map((program) => (
              <li key={program.name}>
                <button type="button" aria-current={program.name === chosen.name} onClick={() => router.go('logic', { program: program.name })} data-testid="logic-program" data-program={program.name}>
                  {program.name}
                  <LogicStateMark program={program} />
                </button>
              </li>
            ))}
          </ul>
          <ProgramPanel key={chosen.name} program={chosen} url={url} onSignIn={onSignIn} />
        </div>
      )}
    </>
  );
}
