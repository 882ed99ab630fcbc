import { z } from 'zod';
import { durationMs, type AlarmWatch, type PointDefinition } from '../contract/index.js';
import { compact } from './compact.js';
import { readExpression } from './expression.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { readValue } from './schedule-values.js';

const valueShape = z.union([z.string(), z.number(), z.boolean()]);

export const watchShape = {
  point: z.string().optional(),
  highHigh: z.number().optional(),
  high: z.number().optional(),
  low: z.number().optional(),
  lowLow: z.number().optional(),
  deadband: z.number().min(0).optional(),
  state: z.union([valueShape, z.array(valueShape).min(1)]).optional(),
  changes: z.literal(true).optional(),
  feedback: z.string().optional(),
  tolerance: z.number().min(0).optional(),
  rise: z.number().positive().optional(),
  fall: z.number().positive().optional(),
  per: durationMs.optional(),
  when: z.string().min(1).optional(),
};
type Written = z.output<z.ZodObject<typeof watchShape>>;
type Points = ReadonlyMap<string, PointDefinition | undefined>;

/** The keys by which one tells what an alarm watches, and the further ones that go with them. */
const ways = {
  limits: { keys: ['highHigh', 'high', 'low', 'lowLow'], with: ['point', 'deadband'] },
  state: { keys: ['state'], with: ['point'] },
  change: { keys: ['changes'], with: ['point'] },
  feedback: { keys: ['feedback'], with: ['point', 'tolerance'] },
  rate: { keys: ['rise', 'fall'], with: ['point', 'per', 'deadband'] },
  expression: { keys: ['when'], with: [] },
} as const satisfies Readonly<Record<string, { readonly keys: readonly (keyof Written)[]; readonly with: readonly (keyof Written)[] }>>;
type Way = keyof typeof ways;

const SHORTEST_RATE_MS = 1_000;

/** What an entry of `alarms:` watches; undefined where that is not clear. */
export function readWatch(alarm: Written, points: Points, problems: DocumentProblems): AlarmWatch | undefined {
  const way = wayOf(alarm, problems);
  if (way === undefined) return undefined;
  if (way === 'expression') {
    const when = readExpression(alarm.when ?? '', points, problems.at('when'));
    return when === undefined ? undefined : { kind: 'expression', when, text: alarm.when ?? '' };
  }
  if (alarm.point === undefined) {
    problems.error('CONFIG_INVALID', '`point` is missing: it is the name of the point to watch');
    return undefined;
  }
  const point = pointAt(alarm.point, points, problems.at('point'));
  if (point === undefined) return undefined;
  const { deadband = 0, tolerance = 0 } = alarm;
  switch (way) {
    case 'limits': {
      mustBeNumber(point, 'limits', problems);
      checkLimits(alarm, deadband, problems);
      return compact({ kind: 'limits' as const, point: point.id, highHigh: alarm.highHigh, high: alarm.high, low: alarm.low, lowLow: alarm.lowLow, deadband });
    }
    case 'state': {
      const states = [alarm.state].flat().flatMap((raw) => readValue(raw, [{ ...compact({ ...point, write: undefined }) }], problems.at('state')) ?? []);
      if (point.kind === 'text') problems.error('CONFIG_INVALID', 'the states of a text cannot be watched', ['point']);
      return { kind: 'state', point: point.id, states: states.filter((state) => typeof state === 'number') };
    }
    case 'change':
      if (point.kind === 'text') problems.error('CONFIG_INVALID', 'the changes of a text cannot be watched', ['point']);
      return { kind: 'change', point: point.id };
    case 'feedback': {
      const feedback = pointAt(alarm.feedback ?? '', points, problems.at('feedback'));
      if (feedback === undefined) return undefined;
      if (feedback.id === point.id) problems.error('CONFIG_CLASH', 'a point is no feedback of itself', ['feedback']);
      if (point.kind === 'text' || feedback.kind === 'text') problems.error('CONFIG_INVALID', 'texts cannot be compared', [point.kind === 'text' ? 'point' : 'feedback']);
      return { kind: 'feedback', point: point.id, feedback: feedback.id, tolerance };
    }
    case 'rate': {
      mustBeNumber(point, 'a rate', problems);
      if (alarm.per === undefined) problems.error('CONFIG_INVALID', '`per` is missing: the time within which the value rises or falls', ['per']);
      const { per = SHORTEST_RATE_MS } = alarm;
      if (per < SHORTEST_RATE_MS) problems.error('CONFIG_INVALID', 'must be at least 1s', ['per']);
      if (deadband >= Math.min(alarm.rise ?? Infinity, alarm.fall ?? Infinity)) problems.error('CONFIG_INVALID', `deadband ${deadband} is not less than the change: the alarm could never end`, ['deadband']);
      return compact({ kind: 'rate' as const, point: point.id, rise: alarm.rise, fall: alarm.fall, perMs: per, deadband });
    }
  }
}

function wayOf(alarm: Written, problems: DocumentProblems): Way | undefined {
  const found = (Object.keys(ways) as Way[]).filter((way) => ways[way].keys.some((key) => alarm[key] !== undefined));
  const [way, other] = found;
  if (way === undefined) {
    problems.error('CONFIG_INVALID', 'an alarm needs what it watches: `high`, `low`, `highHigh`, `lowLow`; `state`; `changes`; `feedback`; `rise` or `fall`; or `when`');
    return undefined;
  }
  if (other !== undefined) {
    const [one, two] = [way, other].map((which) => ways[which].keys.find((key) => alarm[key] !== undefined));
    problems.keyError('CONFIG_CLASH', `\`${one ?? ''}\` and \`${two ?? ''}\` are two alarms: write one for each`, [two ?? '']);
    return undefined;
  }
  const known: readonly string[] = [...ways[way].keys, ...ways[way].with];
  for (const key of Object.keys(watchShape) as (keyof Written)[]) {
    if (alarm[key] !== undefined && !known.includes(key)) problems.keyError('CONFIG_INVALID', `\`${key}\` has no meaning with \`${ways[way].keys.find((own) => alarm[own] !== undefined) ?? ''}\``, [key]);
  }
  return way;
}

function checkLimits({ highHigh, high, low, lowLow }: Written, deadband: number, problems: DocumentProblems): void {
  const order = ([['lowLow', lowLow], ['low', low], ['high', high], ['highHigh', highHigh]] as const).filter((entry): entry is [typeof entry[0], number] => entry[1] !== undefined);
  for (let at = 1; at < order.length; at++) {
    const [[below, least], [above, most]] = [order[at - 1], order[at]] as [[string, number], [string, number]];
    if (least >= most) problems.error('CONFIG_INVALID', `${below} ${least} is not below ${above} ${most}`, [below]);
    else if (below.startsWith('low') && above.startsWith('high') && deadband >= most - least) problems.error('CONFIG_INVALID', `deadband ${deadband} leaves no room between ${below} ${least} and ${above} ${most}: the alarm could never end`, ['deadband']);
  }
}

function pointAt(name: string, points: Points, problems: DocumentProblems): PointDefinition | undefined {
  if (!points.has(name)) problems.error('CONFIG_REFERENCE', `there is no point \`${name}\`${suggestion(name, points.keys())}`);
  return points.get(name);
}

function mustBeNumber({ kind }: PointDefinition, what: string, problems: DocumentProblems): void {
  if (kind === 'text' || kind === 'integer64') problems.error('CONFIG_INVALID', `${what} cannot watch ${kind === 'text' ? 'a text' : 'a 64-bit integer'}`, ['point']);
}
