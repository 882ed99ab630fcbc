import { z } from 'zod';
import { graphicColours, type DrawnElement, type ElementBinding, type GraphicCondition, type PointDefinition } from '../contract/index.js';
import { nearest, suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';

const value = z.union([z.string(), z.number(), z.boolean()]);
const point = z.string().min(1).optional();
const condition = { point, is: z.union([value, z.array(value).min(1)]).optional(), above: z.number().optional(), below: z.number().optional() };
const conditions = z.array(z.strictObject(condition)).min(1).optional();
const colour = z.string().refine((text) => (graphicColours as readonly string[]).includes(text) || /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text), `must be one of ${graphicColours.join(', ')}, or #rrggbb`);
const colours = z.array(z.strictObject({ ...condition, colour })).min(1).optional();
const range = { point, from: z.number().default(0), to: z.number().default(100) };

const shape = z.strictObject({
  point,
  label: z.string().min(1).max(200).optional(),
  text: z.union([z.literal(true), z.strictObject({ point, decimals: z.int().min(0).max(6).optional(), unit: z.boolean().optional(), before: z.string().max(40).optional() })], 'must be true, or a block of point, decimals, unit and before').optional(),
  fill: colours,
  stroke: colours,
  show: conditions,
  spin: conditions,
  turn: z.strictObject({ ...range, degrees: z.number().min(-360).max(360).default(90) }).optional(),
  level: z.strictObject({ ...range, grows: z.enum(['up', 'down', 'left', 'right']).default('up') }).optional(),
  open: z.union([z.enum(['point', 'command', 'nothing']), z.strictObject({ graphic: z.string().min(1) })], 'must be point, command, nothing or {graphic: NAME}').optional(),
});

export interface ElementContext {
  readonly points: ReadonlyMap<string, PointDefinition | undefined>;
  /** Every name of a graphic that is written. */
  readonly graphics: ReadonlySet<string>;
  /** Undefined where the drawing could not be read: then ids are not looked for. */
  readonly drawn: ReadonlyMap<string, DrawnElement> | undefined;
}

/** Reads what one element of a drawing does, and checks it against the drawing and the points. */
export function readElement(id: string, raw: unknown, { points, graphics, drawn }: ElementContext, problems: DocumentProblems): ElementBinding | undefined {
  const element = drawn?.get(id);
  if (drawn !== undefined && element === undefined) problems.keyError('CONFIG_REFERENCE', `the drawing has no element with the id \`${id}\`${suggestion(id, drawn.keys())}`, []);
  const written = check(shape, raw, problems);
  if (written === undefined) return undefined;
  const binding = written as ElementBinding;
  const { text, fill, stroke, show, spin, turn, level, open } = binding;
  const own = binding.point === undefined ? undefined : known(binding.point, points, problems.at('point'));
  /** The point of a part, or of the element. */
  const of = (name: string | undefined, part: DocumentProblems): PointDefinition | undefined => {
    if (name !== undefined) return known(name, points, part.at('point'));
    if (binding.point === undefined) part.error('CONFIG_INVALID', 'of which point? Give the element a `point`, or this one');
    return own;
  };
  if (text !== undefined) {
    of(text === true ? undefined : text.point, problems.at('text'));
    if (element !== undefined && element.kind !== 'text' && element.kind !== 'tspan') problems.error('CONFIG_CLASH', `\`${id}\` is a <${element.kind}>: a value can stand in a <text> only`, ['text']);
  }
  for (const [key, part] of Object.entries({ turn, level })) {
    if (part === undefined) continue;
    const here = problems.at(key);
    mustBeNumber(of(part.point, here), here);
    if (part.from === part.to) here.error('CONFIG_INVALID', '`from` and `to` are the same');
  }
  for (const [key, list] of Object.entries({ fill, stroke, show, spin })) {
    (list ?? []).forEach((each, index) => checkCondition(each, of, problems.at(key, index)));
    if (key === 'fill' || key === 'stroke') checkReach(list ?? [], problems.at(key));
  }
  if (open === 'command') {
    if (own === undefined && binding.point === undefined) problems.error('CONFIG_INVALID', 'which point is commanded? Give the element a `point`', ['open']);
    if (own !== undefined && own.write === undefined) problems.error('CONFIG_CLASH', `\`${own.name}\` cannot be written`, ['open']);
  }
  if (open === 'point' && binding.point === undefined) problems.error('CONFIG_INVALID', 'which point is opened? Give the element a `point`', ['open']);
  if (typeof open === 'object' && !graphics.has(open.graphic)) problems.error('CONFIG_REFERENCE', `there is no graphic \`${open.graphic}\`${suggestion(open.graphic, graphics)}`, ['open', 'graphic']);
  return binding;
}

/** As schedules, programs and alarms say it. */
function known(name: string, points: ElementContext['points'], problems: DocumentProblems): PointDefinition | undefined {
  if (!points.has(name)) problems.error('CONFIG_REFERENCE', `there is no point \`${name}\`${suggestion(name, points.keys())}`);
  return points.get(name);
}

function mustBeNumber(point: PointDefinition | undefined, problems: DocumentProblems): void {
  if (point !== undefined && point.kind !== 'number' && point.kind !== 'integer64') problems.error('CONFIG_CLASH', `\`${point.name}\` is not a number`);
}

export function checkCondition(condition: GraphicCondition, of: (name: string | undefined, problems: DocumentProblems) => PointDefinition | undefined, problems: DocumentProblems): void {
  const { is, above, below, point: name } = condition;
  if (name === undefined && is === undefined && above === undefined && below === undefined) return;
  const point = of(name, problems);
  if (point === undefined) return;
  if (above !== undefined || below !== undefined) mustBeNumber(point, problems);
  if (above !== undefined && below !== undefined && above >= below) problems.error('CONFIG_INVALID', `nothing is above ${above} and below ${below}`);
  for (const state of is === undefined ? [] : [is].flat()) checkState(state, point, problems.at('is'));
}

function checkState(state: string | number | boolean, { name, kind, states }: PointDefinition, problems: DocumentProblems): void {
  if (kind === 'text') return;
  const names = states ?? (kind === 'boolean' ? ['off', 'on'] : undefined);
  if (typeof state === 'string' && names !== undefined && !names.includes(state)) {
    const near = nearest(state, names);
    problems.error('CONFIG_REFERENCE', `\`${name}\` has no state \`${state}\`, only ${names.join(', ')}${near === undefined ? '' : `; did you mean \`${near}\`?`}`);
  }
  if (typeof state === 'string' && names === undefined) problems.error('CONFIG_CLASH', `\`${name}\` has no states: write a number`);
  if (typeof state === 'boolean' && kind !== 'boolean') problems.error('CONFIG_CLASH', `\`${name}\` is neither true nor false`);
}

/** What stands behind a rule that always holds is never reached. */
function checkReach(rules: readonly GraphicCondition[], problems: DocumentProblems): void {
  const at = rules.findIndex(({ point: name, is, above, below }) => name === undefined && is === undefined && above === undefined && below === undefined);
  if (at >= 0 && at < rules.length - 1) problems.warning('CONFIG_CLASH', 'this rule holds always: those after it are never reached', [at]);
}
