import type { WirePoint, WireValue } from '../../contract/client-protocol.js';
import { unitSymbol } from '../../contract/units.js';
import { texts } from '../texts.js';

export function formatValue(point: WirePoint, value: WireValue): string {
  if (value === null) return texts.none;
  const state = stateText(point, value);
  if (state !== undefined) return state;
  const text = typeof value === 'number' ? formatNumber(value, point.unit) : String(value);
  return point.unit === undefined ? text : `${text} ${unitSymbol(point.unit)}`;
}

/** The states that a value may be set to, with the text of each; undefined where it is not a choice. */
export function choicesOf(point: WirePoint): readonly { readonly value: WireValue; readonly text: string }[] | undefined {
  if (point.kind === 'boolean') return [false, true].map((value) => ({ value, text: stateText(point, value) ?? String(value) }));
  if (point.kind === 'enum' && point.states !== undefined) return point.states.map((text, value) => ({ value, text }));
  return undefined;
}

function stateText(point: WirePoint, value: WireValue): string | undefined {
  if (point.kind === 'boolean') {
    const on = value === true || value === 1;
    return point.states?.[on ? 1 : 0] ?? (on ? 'on' : 'off');
  }
  if (point.kind === 'enum' && typeof value === 'number') return point.states?.[value];
  return undefined;
}

const numberFormats = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }));

/** Decimals that a measurement of this unit deserves; fixed, so that a wandering value does not change its width. */
const unitDigits: Readonly<Record<string, number>> = {
  degC: 1, degF: 1, degK: 1, K: 1, percent: 1, '%': 1, '%RH': 0, Pa: 0, hPa: 0, kPa: 1, ppm: 0, ppb: 0, lx: 0, 'W/m2': 0,
  'm3/h': 0, 'l/s': 1, 'l/h': 0, 'm/s': 1, W: 0, kW: 1, Wh: 0, kWh: 0, MWh: 1, V: 0, A: 1, Hz: 1, h: 0, min: 0, s: 0, rpm: 0,
};

/** As many decimals as the unit deserves; without a known unit three significant figures, and none for a whole number. */
export function formatNumber(value: number, unit?: string): string {
  const digits = (unit === undefined ? undefined : unitDigits[unit]) ?? digitsOf(value);
  const text = numberFormats[digits]?.format(value) ?? String(value);
  // What rounds to zero is not less than zero.
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text;
}

function digitsOf(value: number): number {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return 0;
  return size >= 10 ? 1 : size >= 1 ? 2 : 3;
}
