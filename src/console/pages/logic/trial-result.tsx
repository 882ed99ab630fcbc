import type { ReactNode } from 'react';
import type { LogicDryRun } from '../../../contract/logic.js';
import { Outcome } from '../../components/outcome.js';
import { PlainTable } from '../../components/plain-table.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = texts.logic;
const MOST_ROWS = 50;

/** What a trial would have written, and when. */
export function TrialResult({ trial: { steps, held, fault, outputs } }: { readonly trial: LogicDryRun }): ReactNode {
  const names = Object.keys(outputs);
  const rows = Object.entries(outputs)
    .flatMap(([name, changes]) => changes.map(({ at, value }) => ({ at, name, value })))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  return (
    <section aria-label={t.trial} data-testid="logic-trial">
      {fault === undefined ? <Outcome kind="done" text={t.trialDone(steps, held)} /> : <Outcome kind="failed" text={t.trialFault(formatTime(Date.parse(fault.at)), `${fault.message} (${fault.code})`)} />}
      <PlainTable label={t.trialTable} columns={[t.trialTime, ...names.map((name) => ({ key: name, title: <Head name={name} count={outputs[name]?.length ?? 0} /> }))]}>
        {rows.slice(0, MOST_ROWS).map((row) => (
          <tr key={`${row.at} ${row.name}`}>
            <td className="number">{formatTime(Date.parse(row.at))}</td>
            {names.map((name) => (
              <td key={name} className="number">
                {name !== row.name ? '' : row.value === null ? t.relinquish : String(row.value)}
              </td>
            ))}
          </tr>
        ))}
      </PlainTable>
      {rows.length > MOST_ROWS ? <p className="soft">{t.trialMore(rows.length - MOST_ROWS)}</p> : null}
    </section>
  );
}

function Head({ name, count }: { readonly name: string; readonly count: number }): ReactNode {
  return (
    <>
      <code>{name}</code> {t.trialOutput(count)}
    </>
  );
}
