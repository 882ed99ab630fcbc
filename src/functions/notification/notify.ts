import { isInArea, notificationEvents, type Notification, type NotificationEvent, type NotificationRoute, type NotificationSettings, type WireAlarm } from '../../contract/index.js';
import { LocalClock } from '../schedule/local-clock.js';

const DAY_MS = 86_400_000;
/** Alarm of the system: there are messages that do not leave. */
export const CANNOT_SEND = 'system/notifications';

/** An alarm entry of the journal, as it was written. */
export interface AlarmNews {
  readonly id: string;
  readonly timeMs: number;
  readonly data: WireAlarm & { readonly event: string; readonly by?: string; readonly note?: string };
}

export interface Queued {
  readonly message: Notification;
  readonly notBeforeMs: number;
}

/** Told if the alarm is still not acknowledged by then. */
export interface Escalation {
  readonly id: string;
  readonly dueMs: number;
  readonly step: number;
  /** Its place in the configuration when the alarm was raised. */
  readonly route: number;
  /** As the route was then: another one may stand in its place by now. (Absent in what an older version has planned.) */
  readonly to?: readonly string[];
  readonly quiet?: NonNullable<NotificationRoute['quiet']>;
  readonly news: AlarmNews;
}

/** What is to be told of one journal entry, to whom and when. */
export function route(news: AlarmNews, { routes, timezone }: NotificationSettings): { readonly queued: readonly Queued[]; readonly escalations: readonly Escalation[] } {
  const queued: Queued[] = [];
  const escalations: Escalation[] = [];
  const { event } = news.data;
  // That nothing can be sent is not told by what cannot be sent. 
  if (!isEvent(event) || news.data.name === CANNOT_SEND || isPutAside(news.data)) return { queued, escalations };
  const told = new Set<string>();
  routes.forEach((candidate, index) => {
    if (!candidate.on.includes(event) || !concerns(candidate, news.data)) return;
    for (const to of candidate.to) {
      // Several routes to one person are one message.
      if (told.has(to)) continue;
      told.add(to);
      queued.push({ message: messageOf(news, event, to), notBeforeMs: afterQuiet(candidate, news.data, news.timeMs, timezone) });
    }
    // (What needs no acknowledgement waits for nobody.)
    if (event !== 'raised' || !waitsForSomebody(news.data)) return;
    const { quiet } = candidate;
    candidate.escalate.forEach(({ afterMs, to }, step) => escalations.push({ id: `${news.id}/${index}/${step + 1}`, dueMs: news.timeMs + afterMs, step: step + 1, route: index, to, ...(quiet === undefined ? {} : { quiet }), news }));
  });
  return { queued, escalations };
}

/** The messages of a step of the escalation that has come due. */
export function escalate({ route: index, step, to: planned, quiet, news }: Escalation, nowMs: number, { routes, timezone }: NotificationSettings): readonly Queued[] {
  const to = planned ?? routes[index]?.escalate[step - 1]?.to ?? [];
  return to.map((name) => ({ message: { ...messageOf(news, 'raised', name), id: `${news.id}/${name}/${step}`, escalation: step }, notBeforeMs: afterQuiet({ quiet }, news.data, nowMs, timezone) }));
}

/** Whether anybody still has to acknowledge it. */
export function waitsForSomebody({ state }: Pick<WireAlarm, 'state'>): boolean {
  return state === 'unacknowledged' || state === 'returned-unacknowledged';
}

/** Of what people have put aside nobody is told, whatever is said of it (a device may go on reporting it). */
export function isPutAside({ state }: Pick<WireAlarm, 'state'>): boolean {
  return state === 'shelved' || state === 'out-of-service' || state === 'suppressed';
}

/** Transitions after which nobody else has to be told. */
export function endsEscalation(event: string): boolean {
  return event === 'acknowledged' || event === 'shelved' || event === 'suppressed' || event === 'out-of-service' || event === 'removed';
}

/** `nowMs`, or the end of the quiet hours that hold then. */
export function afterQuiet({ quiet }: { readonly quiet?: NotificationRoute['quiet'] | undefined }, alarm: WireAlarm, nowMs: number, timezone: string): number {
  if (quiet === undefined || alarm.lifeSafety === true || quiet.fromMs === quiet.toMs) return nowMs;
  const clock = new LocalClock(timezone);
  const localMs = clock.localMs(nowMs);
  const midnightMs = Math.floor(localMs / DAY_MS) * DAY_MS;
  const timeOfDayMs = localMs - midnightMs;
  const overMidnight = quiet.fromMs > quiet.toMs;
  const isQuiet = overMidnight ? timeOfDayMs >= quiet.fromMs || timeOfDayMs < quiet.toMs : timeOfDayMs >= quiet.fromMs && timeOfDayMs < quiet.toMs;
  if (!isQuiet) return nowMs;
  const endMs = midnightMs + quiet.toMs + (timeOfDayMs >= quiet.toMs ? DAY_MS : 0);
  return Math.max(nowMs, clock.instantMs(endMs));
}

function concerns({ classes, priorities, areas }: NotificationRoute, alarm: WireAlarm): boolean {
  if (classes !== undefined && !classes.includes(alarm.class)) return false;
  if (priorities !== undefined && !priorities.includes(alarm.priority)) return false;
  return areas === undefined || areas.some((area) => isInArea(alarm.area, area));
}

function messageOf({ id, timeMs, data }: AlarmNews, event: NotificationEvent, to: string): Notification {
  const { by, note, ...rest } = data;
  const alarm: WireAlarm = { ...rest };
  return { id: `${id}/${to}`, to, event, alarm, timeMs, ...(by === undefined ? {} : { by }), ...(note === undefined ? {} : { note }) };
}

function isEvent(event: string): event is NotificationEvent {
  return (notificationEvents as readonly string[]).includes(event);
}
