import type { WireAlarm } from '../../contract/client-protocol.js';
import { graphicAddress, pointsOfBinding, type ElementBinding, type GraphicDefinition, type GraphicInfo } from '../../contract/graphic.js';
import { isGood } from '../../contract/quality.js';
import { faceOfQuality } from '../components/quality-mark.js';
import { PointLookup } from '../data/point-lookup.js';
import type { PlantView } from '../data/plant-view.js';
import { lookOf, type ElementLook } from '../format/graphic.js';
import { formatValue } from '../format/values.js';
import { graphicTexts as t } from '../graphic-texts.js';
import { alarmFinder } from './graphic-alarms.js';

export type Opens = 'point' | 'command' | 'graphic';

/** An element as it is now: how it looks, what is beside it, what a click does, and how it is read out. */
export interface ElementState {
  readonly id: string;
  readonly look: ElementLook;
  /** For a screen reader: name, value, quality, alarm, what a click does. */
  readonly label: string;
  readonly name: string;
  readonly value: string;
  /** The first that it shows. */
  readonly point: string | undefined;
  readonly alarm: WireAlarm | undefined;
  /** What stands beside it; an alarm before a quality. `quality` undefined: its point is not there. */
  readonly mark: { readonly alarm: WireAlarm } | { readonly quality: number | undefined } | undefined;
  readonly opens: Opens | undefined;
  /** Another element that can be opened lies within it. */
  readonly nested: boolean;
}

const lookup = new PointLookup();

export function elementStates({ name: graphic, svg, elements }: GraphicDefinition, { points, alarms }: Pick<PlantView, 'points' | 'alarms'>, graphics: readonly GraphicInfo[]): readonly ElementState[] {
  const find = (name: string): (typeof points)[number] | undefined => lookup.find(points, name);
  const alarmOf = alarmFinder(graphic, alarms, graphics);
  const holders = holdersIn(svg, elements);
  return markedOnce(graphic, Object.entries(elements).map(([id, binding]) => {
    const look = lookOf(binding, find);
    const [first] = pointsOfBinding(binding);
    const point = first === undefined ? undefined : find(first);
    const alarm = alarmOf(id, binding);
    const opens = opensOf(binding, point?.writable ?? false);
    const to = typeof binding.open === 'object' ? binding.open.graphic : '';
    const name = binding.label ?? first ?? graphics.find((each) => each.name === to)?.title ?? id;
    const value = look.text ?? (point === undefined ? '' : formatValue(point, point.value));
    const { quality } = look;
    const doubt = quality === undefined || isQuiet(quality) ? '' : faceOfQuality(quality).text;
    const label = t.element(name, value, look.missing ? t.missing : doubt, alarm === undefined ? '' : t.alarm(alarm.priority, alarm.message), opens === undefined ? '' : opens === 'graphic' ? t.opens.graphic(to) : t.opens[opens]);
    const mark = alarm !== undefined ? { alarm } : look.missing ? { quality: undefined } : doubt === '' ? undefined : { quality };
    return { id, look, label, name, value, alarm, point: first, mark: look.shown ? mark : undefined, opens, nested: holders.has(id) };
  }));
}

/** One mark for each alarm and each point, where several elements show it: at the element that the alarm names, else at the first. */
function markedOnce(graphic: string, states: readonly ElementState[]): readonly ElementState[] {
  const named = new Set(states.flatMap(({ id, alarm }) => (alarm?.graphic === graphicAddress(graphic, id) ? [alarm.name] : [])));
  const seen = new Set<string>();
  return states.map((state) => {
    const { id, alarm, point, mark, opens } = state;
    if (mark === undefined || opens === 'graphic') return state;
    const key = 'alarm' in mark ? `alarm ${mark.alarm.name}` : `point ${point ?? id}`;
    const elsewhere = alarm !== undefined && named.has(alarm.name) && alarm.graphic !== graphicAddress(graphic, id);
    if (seen.has(key) || elsewhere) return { ...state, mark: undefined };
    seen.add(key);
    return state;
  });
}

/** Good, and nobody holds it away from what it would be. */
function isQuiet(quality: number): boolean {
  return isGood(quality) && (quality & 63) === 0;
}

function opensOf({ point, open }: ElementBinding, writable: boolean): Opens | undefined {
  if (open === 'nothing') return undefined;
  if (typeof open === 'object') return 'graphic';
  if (point === undefined) return undefined;
  return open === 'command' && writable ? 'command' : 'point';
}

let held: { readonly svg: string; readonly elements: GraphicDefinition['elements']; readonly ids: ReadonlySet<string> } | undefined;

/** Elements with bound ones in them: a button within a button cannot be reached. */
function holdersIn(svg: string, elements: GraphicDefinition['elements']): ReadonlySet<string> {
  if (held?.svg === svg && held.elements === elements) return held.ids;
  const ids = new Set<string>();
  const open: string[] = [];
  for (const [, closing, , attributes = '', single] of svg.matchAll(/<(\/?)([a-zA-Z]+)((?:"[^"]*"|[^">])*?)(\/?)>/g)) {
    if (closing === '/') open.pop();
    else {
      const id = / id="([^"]*)"/.exec(attributes)?.[1] ?? '';
      if (Object.hasOwn(elements, id) && elements[id]?.open !== 'nothing') for (const outer of open) if (Object.hasOwn(elements, outer)) ids.add(outer);
      if (single !== '/') open.push(id);
    }
  }
  held = { svg, elements, ids };
  return ids;
}

