import type { ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import { ActionButton } from '../../components/action-button.js';
import { pointActions, type Priorities, type SlotOwner } from '../../data/point-holds.js';
import { formatTime } from '../../format/times.js';
import { formatValue } from '../../format/values.js';
import { pointTexts } from '../../point-texts.js';
import { texts } from '../../texts.js';

const t = texts.points.priorities;
const { columns, relinquish } = pointTexts;

interface PriorityArrayProps {
  readonly point: ClientPoint;
  readonly url: string;
  readonly live: boolean;
  readonly onSignIn: () => void;
  readonly priorities: Priorities;
  readonly onDone: () => void;
}

/** Who commands the point at which priority, since when, until when and why; what is commanded can be given up. */
export function PriorityArray({ point, url, live, onSignIn, priorities, onDone }: PriorityArrayProps): ReactNode {
  const { slots, relinquishDefault, active, commands = {} } = priorities;
  return (
    <table className="grid" aria-label={t.table(point.name)}>
      <thead>
        <tr>
          <th scope="col">{columns.priority}</th>
          <th scope="col">{columns.value}</th>
          <th scope="col">{columns.by}</th>
        </tr>
      </thead>
      <tbody>
        {slots.map((slot, index) => {
          const priority = index + 1;
          const owner = slot === null ? undefined : commands[String(priority)];
          const value = slot === null ? t.free : formatValue(point, slot);
          return (
            // The priority is what tells one slot from another.
            <Slot key={priority} title={String(priority)} value={value} free={slot === null} inForce={active === priority} owner={owner} by={slot === null ? '' : (owner?.by ?? pointTexts.others)}>
              {slot === null ? null : (
                <ActionButton
                  label={relinquish.label}
                  hint={live ? relinquish.hint(priority) : texts.write.readOnly}
                  disabled={!live}
                  place={point}
                  onSignIn={onSignIn}
                  testId="slot-relinquish"
                  variant="subtle-primary"
                  title={relinquish.title(point.name, priority)}
                  question={relinquish.question(value, owner?.by)}
                  confirm={relinquish.confirm}
                  working={pointTexts.working}
                  run={async ({ token }) => pointActions.release(url, point.name, priority, token).then(onDone)}
                />
              )}
            </Slot>
          );
        })}
        <Slot title={t.relinquishDefault} value={relinquishDefault === null ? t.notTold : formatValue(point, relinquishDefault)} free={relinquishDefault === null} inForce={active === null} owner={undefined} by="" />
      </tbody>
    </table>
  );
}

interface SlotProps {
  readonly title: string;
  readonly value: string;
  readonly free: boolean;
  readonly inForce: boolean;
  readonly owner: SlotOwner | undefined;
  readonly by: string;
  readonly children?: ReactNode;
}

function Slot({ title, value, free, inForce, owner, by, children }: SlotProps): ReactNode {
  return (
    <tr data-testid="priority-slot" data-active={inForce}>
      <th scope="row">{title}</th>
      <td className={free ? 'soft' : 'number'}>{inForce ? <strong>{`${value} (${t.inForce})`}</strong> : value}</td>
      <td>
        {by}
        {owner?.reason === undefined ? null : <span className="soft">{` ${owner.reason}`}</span>}
        {owner === undefined ? null : <div className="number soft">{pointTexts.between(formatTime(Date.parse(owner.since)), owner.until === undefined ? undefined : formatTime(Date.parse(owner.until)))}</div>}
        {children}
      </td>
    </tr>
  );
}
