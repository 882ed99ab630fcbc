import type { ReactNode } from 'react';
import type { LogicView } from '../../../contract/logic.js';
import { ActionButton } from '../../components/action-button.js';
import { Facts } from '../../components/facts.js';
import { Outcome } from '../../components/outcome.js';
import { restartLogic } from '../../data/logic.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant } from '../../data/services.js';
import { formatTime, formatDuration } from '../../format/times.js';
import { texts } from '../../texts.js';
import { ProgramEditor } from './program-editor.js';
import { ProgramSignals } from './program-signals.js';

const t = texts.logic;

interface ProgramPanelProps {
  readonly program: LogicView;
  readonly url: string;
  readonly onSignIn: () => void;
}

/** One program: how it runs, its signals, what it keeps, its text. */
export function ProgramPanel({ program, url, onSignIn }: ProgramPanelProps): ReactNode {
  const { name, description, everyMs, onChange, fault, held, steps, lastStep } = program;
  const writable = usePlant(isWritable);
  const cycle = [everyMs === undefined ? undefined : t.every(formatDuration(everyMs)), onChange ? t.onChange : undefined].filter((part) => part !== undefined).join(', ');
  return (
    <section className="workbench" aria-label={name} data-testid="logic-panel" data-state={program.state}>
      <h2>{name}</h2>
      {description === undefined ? null : <p className="soft">{description}</p>}
      {fault === undefined ? null : (
        <>
          <Outcome kind="failed" text={`${t.fault}: ${fault.message} (${fault.code})`} />
          <div className="actions">
            <ActionButton
              label={t.restart}
              disabled={!writable}
              onSignIn={onSignIn}
              role="engineer"
              testId="logic-restart"
              title={t.restartTitle(name)}
              question={t.restartQuestion}
              confirm={t.restart}
              working={t.restarting}
              run={async ({ token }) => restartLogic(url, name, token)}
            />
          </div>
        </>
      )}
      {held === undefined ? null : <p className="notice">{t.held(held.join(', '))}</p>}
      <Facts
        items={[
          [t.cycle, cycle],
          [t.steps, <span className="number">{steps}</span>],
          [t.lastStep, lastStep === undefined ? texts.none : formatTime(Date.parse(lastStep))],
          ...(fault === undefined ? [] : [[t.since, formatTime(Date.parse(fault.since))] as const]),
          ...(fault?.retryAt === undefined ? [] : [[t.retryAt, formatTime(Date.parse(fault.retryAt))] as const]),
        ]}
      />
      <ProgramSignals program={program} />
      <ProgramEditor program={program} url={url} onSignIn={onSignIn} />
      <details>
        <summary>{t.memory}</summary>
        <pre className="patch" tabIndex={0}>{JSON.stringify(program.memory, undefined, 2)}</pre>
      </details>
    </section>
  );
}
