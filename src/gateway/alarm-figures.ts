import type { AlarmFigures, WireAlarm } from '../contract/index.js';
import { ALARM_PREFIX, alarmFigures, type FigureEntry, type FigureOptions } from '../functions/index.js';
import type { PairState } from '../image/index.js';
import type { Store } from '../store/index.js';

/** Entries that were merged from the other node are told at the time at which they happened, so a little further back. */
const OUT_OF_ORDER_MS = 86_400_000;

/** The figures of a time, from the journal of this node and the alarms as they are now. */
export async function figuresOf(store: Pick<Store, 'logEntries'>, state: PairState, options: FigureOptions): Promise<AlarmFigures> {
  const entries: FigureEntry[] = [];
  for await (const { timeMs, data } of store.logEntries('alarm')) {
    if (timeMs < options.fromMs - OUT_OF_ORDER_MS) break;
    const { event, name, priority, occurrence } = data as Partial<Omit<FigureEntry, 'timeMs'>>;
    if (event !== undefined && name !== undefined) entries.push({ timeMs, event, name, priority: priority ?? 4, occurrence: occurrence ?? 0 });
  }
  return alarmFigures(entries.reverse(), [...state.keyed.entries(ALARM_PREFIX)].map(([, value]) => value as unknown as WireAlarm), options);
}
