/** Objects as engineers write them, all types: `AI:1`, `SCH:3`; a type without a short name by its number, `130:7`. */
import { objectKindNamed, objectKindOf } from './object-types.js';
import type { ObjectId } from './values.js';

/** Types that no point can be (clause 21). */
const others: Readonly<Record<string, number>> = { CAL: 6, CMD: 7, DEV: 8, EE: 9, FILE: 10, GRP: 11, NC: 15, PROG: 16, SCH: 17, AVG: 18, TL: 20, LSP: 21, LSZ: 22, EL: 25, TLM: 27, AE: 52 };
const shortOf = new Map(Object.entries(others).map(([short, type]) => [type, short]));

export function objectText({ type, instance }: ObjectId): string {
  return `${objectKindOf(type)?.short ?? shortOf.get(type) ?? String(type)}:${instance}`;
}

/** Undefined for what is none. */
export function objectOf(text: string): ObjectId | undefined {
  const match = /^\s*([A-Za-z-]+|\d{1,4})\s*[:,]\s*(\d{1,7})\s*$/.exec(text);
  const [, name = '', number = ''] = match ?? [];
  const type = /^\d/.test(name) ? Number(name) : (objectKindNamed(name)?.type ?? others[name.toUpperCase()]);
  const instance = Number(number);
  return match === null || type === undefined || type > 1023 || instance > 4_194_302 ? undefined : { type, instance };
}
