import type { ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import type { WireValue } from '../../../contract/client-protocol.js';
import type { LogicView } from '../../../contract/logic.js';
import { QualityMark } from '../../components/quality-mark.js';
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
    <div className="scroll-x">
      <table className="plain-table" aria-label={t.inputs} data-testid="logic-inputs">
        <thead>
          <tr>
            <th scope="col">{t.inputs}</th>
            <th scope="col">{t.columns.point}</th>
            <th scope="col">{t.columns.value}</th>
            <th scope="col">{t.columns.quality}</th>
          </tr>
        </thead>
        <tbody>
          {inputs.map(({ name, point }) => {
            const live = find(point);
            return (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                </td>
                <td>
                  <a href={hrefOf('points', { search: point })}>{point}</a>
                </td>
                <td className="number">{live === undefined ? texts.none : formatValue(live, live.value)}</td>
                <td>{live === undefined ? texts.none : <QualityMark quality={live.quality} />}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <table className="plain-table" aria-label={t.outputs} data-testid="logic-outputs">
        <thead>
          <tr>
            <th scope="col">{t.outputs}</th>
            <th scope="col">{t.columns.point}</th>
            <th scope="col">{t.columns.priority}</th>
            <th scope="col">{t.columns.wanted}</th>
            <th scope="col">{t.columns.written}</th>
          </tr>
        </thead>
        <tbody>
          {outputs.map(({ name, point, priority, wanted, written, error }) => (
            <tr key={name}>
              <td>
                <code>{name}</code>
              </td>
              <td>
                <a href={hrefOf('points', { search: point })}>{point}</a>
              </td>
              <td className="number">{priority}</td>
              <td className="number">{show(point, wire(wanted))}</td>
              <td className="number">{error ?? show(point, wire(written))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** 64-bit integers travel as text. */
function wire(value: LogicView['outputs'][number]['wanted']): WireValue | undefined {
  return typeof value === 'bigint' ? value.toString() : value;
}
