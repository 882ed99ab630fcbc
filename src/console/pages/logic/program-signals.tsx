import type { ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import type { WireValue } from '../../../contract/client-protocol.js';
import type { LogicView } from '../../../contract/logic.js';
import { QualityMark } from '../../components/quality-mark.js';
import { PlainTable } from '../../components/plain-table.js';
import { hrefOf } from '../../data/route.js';
import { usePlant } from '../../data/services.js';
import { formatValue } from '../../format/values.js';
import { texts } from '../../texts.js';

const t = texts.logic;

/** Inputs with their present values, outputs with what they are to be and what was written. */
export function ProgramSignals({ program: { inputs, outputs } }: { readonly program: LogicView }): ReactNode {
  const points = usePlant((view) => view.points);
  const find = (name: string): ClientPoint | undefined => points.find((point) => point.name === name);
  const show = (name: string, value: WireValue | undefined): string => {
    const point = find(name);
    if (value === undefined) return texts.none;
    if (value === null) return t.relinquish;
    return point === undefined ? String(value) : formatValue(point, value);
  };
  return (
    <>
      <PlainTable label={t.inputs} columns={[t.inputs, t.columns.point, t.columns.value, t.columns.quality]} testId="logic-inputs">
        {inputs.map(({ name, point }) => {
          const live = find(point);
          return (
            <tr key={name}>
              <Signal name={name} point={point} />
              <td className="number">{live === undefined ? texts.none : formatValue(live, live.value)}</td>
              <td>{live === undefined ? texts.none : <QualityMark quality={live.quality} />}</td>
            </tr>
          );
        })}
      </PlainTable>
      <PlainTable label={t.outputs} columns={[t.outputs, t.columns.point, t.columns.priority, t.columns.wanted, t.columns.written]} testId="logic-outputs">
        {outputs.map(({ name, point, priority, wanted, written, error }) => (
          <tr key={name}>
            <Signal name={name} point={point} />
            <td className="number">{priority}</td>
            <td className="number">{show(point, wire(wanted))}</td>
            <td className="number">{error ?? show(point, wire(written))}</td>
          </tr>
        ))}
      </PlainTable>
    </>
  );
}

/** As the program calls it, and which point that is. */
function Signal({ name, point }: { readonly name: string; readonly point: string }): ReactNode {
  return (
    <>
      <td>
        <code>{name}</code>
      </td>
      <td>
        <a href={hrefOf('points', { search: point })}>{point}</a>
      </td>
    </>
  );
}

/** 64-bit integers travel as text. */
function wire(value: LogicView['outputs'][number]['wanted']): WireValue | undefined {
  return typeof value === 'bigint' ? value.toString() : value;
}
