/** A {@link DeviceScheduleEdit} as it comes from outside. */
import { z } from 'zod';

const whole = (low: number, high: number): z.ZodType<number> => z.int().min(low).max(high);
const month = z.union([whole(1, 12), z.enum(['odd', 'even'])]).nullable();
const weekday = whole(1, 7).nullable();
const date = z.strictObject({ year: whole(1900, 2154).nullable(), month, day: z.union([whole(1, 31), z.enum(['last', 'odd', 'even'])]).nullable(), weekday });
const range = z.strictObject({ from: date, to: date });
const entry = z.union([z.strictObject({ date }), z.strictObject({ range }), z.strictObject({ weekNDay: z.strictObject({ month, week: whole(1, 9).nullable(), weekday }) })]);
const value = z.union([
  z.null(), z.strictObject({ real: z.number() }), z.strictObject({ double: z.number() }), z.strictObject({ unsigned: whole(0, 0xffff_ffff) }), z.strictObject({ signed: whole(-(2 ** 31), 2 ** 31 - 1) }),
  z.strictObject({ enumerated: whole(0, 65_535) }), z.strictObject({ boolean: z.boolean() }), z.strictObject({ text: z.string().max(1_000) }),
]);
const times = z.array(z.strictObject({ time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d\d)?)?$/, { error: 'a time: 06:30 or 06:30:00' }), value })).max(100);
export const deviceScheduleEdit = z.strictObject({
  effectivePeriod: range.optional(),
  weekly: z.array(times).length(7).optional(),
  exceptions: z.array(z.strictObject({ period: z.union([z.strictObject({ calendar: z.string().max(40) }), entry]), values: times, priority: whole(1, 16) })).max(255).optional(),
  default: value.optional(),
  dateList: z.array(entry).max(1_000).optional(),
});
