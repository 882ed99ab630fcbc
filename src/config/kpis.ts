import { z } from 'zod';
import type { KpiDefinition, PointDefinition } from '../contract/index.js';
import { compact } from './compact.js';
import { checkCondition } from './graphic-elements.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';
import { matcher } from './wildcard.js';

const title = z.string().min(1).max(60);
const open = z.string().min(1).optional();
const decimals = z.int().min(0).max(6).optional();
const shape = z.discriminatedUnion('show', [
  z.strictObject({ title, open, show: z.literal('point'), point: z.string().min(1), decimals, low: z.number().optional(), high: z.number().optional() }),
  z.strictObject({ title, open, show: z.literal('today'), point: z.string().min(1), decimals }),
  z.strictObject({ title, open, show: z.literal('count'), points: z.array(z.string().min(1)).min(1), is: z.union([z.string(), z.number(), z.boolean()]).optional(), above: z.number().optional(), below: z.number().optional() }),
  ...(['alarms', 'points', 'devices', 'active-node', 'pair'] as const).map((kind) => z.strictObject({ title, open, show: z.literal(kind) })),
], 'must be one of point, today, count, alarms, points, devices, active-node, pair');
const MOST = 24;

export interface KpiContext {
  readonly points: ReadonlyMap<string, PointDefinition | undefined>;
  readonly graphics: ReadonlySet<string>;
  /** Whether a trend records a point. */
  readonly recorded: (id: number) => boolean;
}

/** Reads `kpis:`, the figures of the overview. Wildcards become names, so that a console need not know them. */
export function readKpis(entries: readonly unknown[], { points, graphics, recorded }: KpiContext, problems: DocumentProblems): KpiDefinition[] {
  if (entries.length > MOST) problems.error('CONFIG_INVALID', `there are ${entries.length} figures, and at most ${MOST} can be: nobody reads more at a glance`);
  return entries.flatMap((raw, index): KpiDefinition[] => {
    const here = problems.at(index);
    const kpi = check(shape, raw, here);
    if (kpi === undefined) return [];
    if (kpi.open !== undefined && !graphics.has(kpi.open)) here.error('CONFIG_REFERENCE', `there is no graphic \`${kpi.open}\`${suggestion(kpi.open, graphics)}`, ['open']);
    const known = (name: string, at: DocumentProblems): PointDefinition | undefined => {
      if (!points.has(name)) at.error('CONFIG_REFERENCE', `there is no point \`${name}\`${suggestion(name, points.keys())}`);
      return points.get(name);
    };
    switch (kpi.show) {
      case 'point': {
        const point = known(kpi.point, here.at('point'));
        const limited = kpi.low !== undefined || kpi.high !== undefined;
        if (point !== undefined && limited && point.kind !== 'number' && point.kind !== 'integer64') here.error('CONFIG_CLASH', `\`${point.name}\` is not a number`, ['point']);
        return [compact(kpi)];
      }
      case 'today': {
        const point = known(kpi.point, here.at('point'));
        if (point !== undefined && point.kind !== 'number') here.error('CONFIG_CLASH', `\`${point.name}\` is not a counter: it is not a number`, ['point']);
        else if (point !== undefined && !recorded(point.id)) here.error('CONFIG_REFERENCE', `no trend records \`${point.name}\`: what it was at midnight is known of recorded points only`, ['point']);
        return [compact(kpi)];
      }
      case 'count': {
        const { is, above, below } = kpi;
        if (is === undefined && above === undefined && below === undefined) here.error('CONFIG_INVALID', 'what is counted? Say `is`, `above` or `below`');
        const names = kpi.points.flatMap((pattern, at) => {
          if (!pattern.includes('*')) return known(pattern, here.at('points', at)) === undefined ? [] : [pattern];
          const matches = [...points.keys()].filter(matcher(pattern));
          if (matches.length === 0) here.warning('CONFIG_REFERENCE', `no point matches \`${pattern}\``, ['points', at]);
          return matches;
        });
        // What is above 26 or below 20 is counted: the two say what is not as it should be, and not a range.
        for (const part of [{ is }, { above }, { below }]) checkCondition(compact({ ...part, point: names[0] }), () => points.get(names[0] ?? ''), here);
        return [compact({ ...kpi, points: [...new Set(names)] })];
      }
      default:
        return [compact(kpi)];
    }
  });
}
