import type { WirePoint, WireValue } from '../../contract/client-protocol.js';
import { texts } from '../texts.js';

/** Units as documents spell them, and as people read them. */
const unitSymbols: Readonly<Record<string, string>> = { degC: '°C', degF: '°F', percent: '%', m3: 'm³', 'm3/h': 'm³/h', 'W/m2': 'W/m²', degK: 'K' };

export function unitSymbol(unit: string): string {
  return unitSymbols[unit] ?? unit;
}

export function formatValue(point: WirePoint, value: WireValue): string {
  if (value === null) return texts.none;
  const state = stateText(point, value);
  if (state !== undefined) return state;
  const text = typeof value === 'number' ? formatNumber(value) : String(value);
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

/** Three or four significant figures: what an operator compares, not what a float32 carries. */
function formatNumber(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 1000 ? 0 : size >= 10 || size === 0 ? 1 : size >= 1 ? 2 : 3;
  return numberFormats[digits]?.format(value) ?? String(value);
}
