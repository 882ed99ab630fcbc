import { z } from 'zod';
import type { DriverCapabilities, PointDefinition, ScheduleDefinition, ScheduleException, ScheduleTarget, TimeValue } from '../contract/index.js';
import { parseWeekdays, rangeShape, readDate, readRange, readWeekAndDay, weekAndDayShape } from './calendar-days.js';
import { compact } from './compact.js';
import { checkName } from './names.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { whyNever, type Calendars } from './schedule-coverage.js';
import { readTimeValues, readValue } from './schedule-values.js';
import { check } from './schema-check.js';
import { isTimezone, timezoneHint } from './site-sections.js';

const timeValues = z.record(z.string(), z.unknown());
const exceptionShape = z.strictObject({
  calendar: z.string().optional(),
  date: z.string().optional(),
  range: rangeShape.optional(),
  weekAndDay: weekAndDayShape.optional(),
  priority: z.int().min(1).max(16).default(16),
  values: timeValues,
});
const shape = z.strictObject({
  description: z.string().min(1).optional(),
  timezone: z.string().optional(),
  writes: z.array(z.union([z.string(), z.strictObject({ point: z.string(), priority: z.int().min(1).max(16).optional() })])).min(1),
  default: z.unknown().optional(),
  weekly: z.record(z.string(), timeValues).default({}),
  exceptions: z.array(exceptionShape).default([]),
  effective: rangeShape.optional(),
});
type Written = z.output<typeof shape>;

export interface ScheduleContext {
  /** Every name that is written, undefined for those with a mistake. */
  readonly points: ReadonlyMap<string, PointDefinition | undefined>;
  readonly calendars: Calendars;
  readonly timezone: string;
  readonly capabilities: (device: string) => DriverCapabilities | undefined;
  /** Who writes a point at a priority, by `point@priority`; filled as schedules are read. */
  readonly writers: Map<string, string>;
}

/** Reads one entry of `schedules:`. */
export function readSchedule(name: string, raw: unknown, context: ScheduleContext, problems: DocumentProblems): ScheduleDefinition | undefined {
  checkName(name, 'schedule', problems);
  const written = check(shape, raw, problems);
  if (written === undefined) return undefined;
  const { timezone = context.timezone } = written;
  // The site's own is told where it stands.
  if (written.timezone !== undefined && !isTimezone(timezone)) problems.error('CONFIG_INVALID', timezoneHint(timezone), ['timezone']);
  const { targets, points } = readTargets(name, written, context, problems);
  const effective: ScheduleDefinition['effective'] | undefined = written.effective === undefined ? {} : readRange(written.effective, problems.at('effective'));
  const exceptions = written.exceptions.map((exception, index) => readException(exception, points, context, problems.at('exceptions', index)));
  const known = exceptions.filter((exception) => exception !== undefined);
  const schedule: ScheduleDefinition = compact({
    name,
    description: written.description,
    timezone,
    targets,
    default: written.default === undefined ? null : (readValue(written.default, points, problems.at('default')) ?? null),
    weekly: readWeek(written.weekly, points, problems.at('weekly')),
    exceptions: known,
    effective: compact({ from: effective?.from, to: effective?.to }),
  });
  if (known.length === exceptions.length && effective !== undefined) warnOfNever(schedule, context.calendars, problems);
  if (written.default === undefined || written.default === 'relinquish') warnOfRelinquish(schedule, points, context, problems);
  return schedule;
}

function readTargets(name: string, { writes }: Written, context: ScheduleContext, problems: DocumentProblems): { targets: ScheduleTarget[]; points: PointDefinition[] } {
  const targets: ScheduleTarget[] = [];
  const points: PointDefinition[] = [];
  for (const [index, entry] of writes.entries()) {
    const { point: pointName, priority } = typeof entry === 'string' ? { point: entry, priority: undefined } : entry;
    const path = typeof entry === 'string' ? ['writes', index] : ['writes', index, 'point'];
    const point = context.points.get(pointName);
    if (!context.points.has(pointName)) problems.error('CONFIG_REFERENCE', `there is no point \`${pointName}\`${suggestion(pointName, context.points.keys())}`, path);
    if (point === undefined) continue;
    if (point.write === undefined) {
      problems.error('CONFIG_INVALID', `${pointName} cannot be written: its configuration has no \`write\``, path);
      continue;
    }
    if (!point.write.repeatable) problems.warning('CONFIG_INVALID', `${pointName} is not repeatable: a write that is in doubt after a takeover is not tried again`, path);
    const target = { point: point.id, priority: priority ?? point.write.priority, canRelinquish: context.capabilities(point.device)?.priorities === true || point.write.pulse !== true };
    const place = target.canRelinquish ? `${pointName}@${target.priority}` : pointName;
    const other = context.writers.get(place);
    if (other === name) problems.error('CONFIG_DUPLICATE', `${pointName} is listed twice`, path);
    else if (other !== undefined) problems.warning('CONFIG_CLASH', `${other} writes ${pointName} too${target.canRelinquish ? ' at the same priority' : ''}: whichever changes last wins`, path);
    context.writers.set(place, name);
    targets.push(target);
    points.push(point);
  }
  return { targets, points };
}

function readWeek(written: Written['weekly'], points: readonly PointDefinition[], problems: DocumentProblems): TimeValue[][] {
  const week: (TimeValue[] | undefined)[] = Array.from({ length: 7 });
  for (const [text, values] of Object.entries(written)) {
    const entries = readTimeValues(values, points, problems.at(text));
    const days = parseWeekdays(text);
    if (days === undefined) problems.keyError('CONFIG_INVALID', `must be days of the week: Mon, Mon-Fri or Sat,Sun (found "${text}")`, [text]);
    for (const day of days ?? []) {
      if (week[day - 1] !== undefined) problems.keyError('CONFIG_DUPLICATE', `a day of ${text} is written twice`, [text]);
      week[day - 1] = entries;
    }
  }
  return week.map((entries) => entries ?? []);
}

function readException(written: z.output<typeof exceptionShape>, points: readonly PointDefinition[], context: ScheduleContext, problems: DocumentProblems): ScheduleException | undefined {
  const { calendar, date, range, weekAndDay, priority } = written;
  const values = readTimeValues(written.values, points, problems.at('values'));
  if ([calendar, date, range, weekAndDay].filter((key) => key !== undefined).length !== 1) {
    problems.error('CONFIG_INVALID', 'needs one of `calendar`, `date`, `range` and `weekAndDay`, and no other of them');
    return undefined;
  }
  if (calendar !== undefined) {
    if (!context.calendars.has(calendar)) problems.error('CONFIG_REFERENCE', `there is no calendar \`${calendar}\`${suggestion(calendar, context.calendars.keys())}`, ['calendar']);
    return context.calendars.get(calendar) === undefined ? undefined : { when: { kind: 'calendar', name: calendar }, priority, values };
  }
  const when = date !== undefined ? readDate(date, problems.at('date'))
    : range !== undefined ? readRange(range, problems.at('range'))
    : readWeekAndDay(weekAndDay ?? {}, problems.at('weekAndDay'));
  return when === undefined ? undefined : { when, priority, values };
}

function warnOfNever(schedule: ScheduleDefinition, calendars: Calendars, problems: DocumentProblems): void {
  schedule.exceptions.forEach((_, index) => {
    const why = whyNever(index, schedule, calendars);
    if (why !== undefined) problems.warning('CONFIG_CLASH', `can never apply: ${why}`, ['exceptions', index]);
  });
}

/** Only the default can come out as `relinquish`; everywhere else it passes on to the next layer. */
function warnOfRelinquish(schedule: ScheduleDefinition, points: readonly PointDefinition[], { capabilities }: ScheduleContext, problems: DocumentProblems): void {
  points.forEach(({ name, device, write }, index) => {
    if (schedule.targets[index]?.canRelinquish === false) problems.warning('CONFIG_INVALID', `${name} is a pulse: \`default: relinquish\` does nothing`, ['writes', index]);
    else if (capabilities(device)?.priorities !== true && write?.relinquishDefault === undefined) {
      problems.warning('CONFIG_INVALID', `${name} has no \`relinquishDefault\`: \`default: relinquish\` leaves its value as it is where nobody else commands it`, ['writes', index]);
    }
  });
}
