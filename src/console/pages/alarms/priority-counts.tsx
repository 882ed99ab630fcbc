import type { ReactNode } from 'react';
import type { WireAlarm } from '../../../contract/client-protocol.js';
import { alarmTexts as t } from '../../alarm-texts.js';
import { needsPerson, priorityClass, type PriorityClass } from '../../format/alarms.js';
import { texts } from '../../texts.js';

const classes: readonly PriorityClass[] = ['critical', 'high', 'medium', 'low'];

/** How many of each priority need a person; pressing one shows them alone. */
export function PriorityCounts({ alarms, value, onChange }: { readonly alarms: readonly WireAlarm[]; readonly value: PriorityClass | 'any'; readonly onChange: (value: PriorityClass | 'any') => void }): ReactNode {
  return (
    <div className="priority-counts" role="group" aria-label={t.byPriority}>
      {classes.map((name) => {
        const count = alarms.filter((alarm) => needsPerson(alarm) && priorityClass(alarm.priority) === name).length;
        return (
          <button key={name} type="button" className={`priority-count ${count === 0 ? 'none' : name}`} aria-pressed={value === name} onClick={() => onChange(value === name ? 'any' : name)} data-testid={`priority-${name}`}>
            {t.priorityCount(texts.alarms.priorityNames[name], count)}
          </button>
        );
      })}
    </div>
  );
}
