import type { ClientPoint } from '../../client-sdk/index.js';
import { pointsOfBinding, type ColourRule, type ElementBinding, type GraphicCondition, type GraphicValue } from '../../contract/graphic.js';
import { qualityLevel } from '../../contract/quality.js';
import { unitSymbol } from '../../contract/units.js';
import { formatNumber, formatValue } from './values.js';

export type FindPoint = (name: string) => ClientPoint | undefined;

/** How an element is to look now. */
export interface ElementLook {
  readonly text?: string;
  /** A name of a colour, `#rrggbb`, or `unknown`: no rule can be decided. Undefined: as it is drawn. */
  readonly fill?: string;
  readonly stroke?: string;
  readonly shown: boolean;
  readonly spinning: boolean;
  /** Degrees, clockwise. */
  readonly turn?: number;
  /** 0 … 1 of its drawn size. */
  readonly level?: number;
  /** Of the worst of its points; undefined where it has none. */
  readonly quality?: number;
  /** A point that is not told to this user, or not there any more. */
  readonly missing: boolean;
}

/** What the values of its points make of an element. */
export function lookOf(binding: ElementBinding, find: FindPoint): ElementLook {
  const points = pointsOfBinding(binding).map(find);
  const present = points.filter((point) => point !== undefined);
  const worst = present.reduce<number | undefined>((quality, point) => (quality === undefined || point.quality >> 6 > quality >> 6 || ((quality & 63) === 0 && point.quality >> 6 === quality >> 6) ? point.quality : quality), undefined);
  const { point: own, text, fill, stroke, show, spin, turn, level } = binding;
  return {
    ...given('text', text === undefined ? undefined : textOf(text === true ? {} : text, own, find)),
    ...given('fill', colourOf(fill, own, find)),
    ...given('stroke', colourOf(stroke, own, find)),
    shown: show === undefined || show.some((condition) => holds(condition, own, find) === true),
    spinning: spin?.some((condition) => holds(condition, own, find) === true) ?? false,
    ...given('turn', turn === undefined ? undefined : shareOf(turn, own, find) * turn.degrees),
    ...given('level', level === undefined ? undefined : shareOf(level, own, find)),
    ...given('quality', worst),
    missing: present.length < points.length,
  };
}

/** Undefined: its value is not known, so it cannot be said. */
export function holds(condition: GraphicCondition, own: string | undefined, find: FindPoint): boolean | undefined {
  const { is, above, below } = condition;
  if (is === undefined && above === undefined && below === undefined) return true;
  const point = find(condition.point ?? own ?? '');
  if (point === undefined || point.value === null || qualityLevel(point.quality) === 'bad') return undefined;
  const number = Number(point.value);
  if (above !== undefined && !(number > above)) return false;
  if (below !== undefined && !(number < below)) return false;
  return is === undefined || [is].flat().some((state) => isState(point, state));
}

function isState({ kind, states, value }: ClientPoint, state: GraphicValue): boolean {
  if (kind === 'boolean') {
    const on = value === true || value === 1;
    if (typeof state === 'boolean') return state === on;
    if (typeof state === 'number') return state === Number(on);
    return state === (states ?? ['off', 'on'])[Number(on)];
  }
  if (kind === 'enum' && typeof state === 'string') return typeof value === 'number' && states?.[value] === state;
  return kind === 'text' ? value === String(state) : Number(value) === Number(state);
}

/** The first rule that holds; `unknown` where one before it cannot be decided. */
function colourOf(rules: readonly ColourRule[] | undefined, own: string | undefined, find: FindPoint): string | undefined {
  for (const rule of rules ?? []) {
    const met = holds(rule, own, find);
    if (met === undefined) return 'unknown';
    if (met) return rule.colour;
  }
  return undefined;
}

function textOf({ point: name, decimals, unit = true, before = '' }: { readonly point?: string; readonly decimals?: number; readonly unit?: boolean; readonly before?: string }, own: string | undefined, find: FindPoint): string {
  const point = find(name ?? own ?? '');
  if (point === undefined || point.value === null) return `${before}—`;
  const { value } = point;
  if (typeof value !== 'number' || point.kind === 'enum' || (decimals === undefined && unit)) return before + formatValue(point, value);
  const number = decimals === undefined ? formatNumber(value, point.unit) : value.toFixed(decimals).replace(/^-(0(\.0+)?)$/, '$1');
  return before + (unit && point.unit !== undefined ? `${number} ${unitSymbol(point.unit)}` : number);
}

/** Where a value lies between `from` and `to`, 0 … 1; 0 where it is not known. */
function shareOf({ point: name, from, to }: { readonly point?: string; readonly from: number; readonly to: number }, own: string | undefined, find: FindPoint): number {
  const point = find(name ?? own ?? '');
  if (point === undefined || point.value === null || qualityLevel(point.quality) === 'bad') return 0;
  const share = (Number(point.value) - from) / (to - from);
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
}

function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, V>>);
}
