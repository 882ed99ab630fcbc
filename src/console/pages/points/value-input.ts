import type { WirePoint, WireValue } from '../../../contract/client-protocol.js';
import { unitSymbol } from '../../../contract/units.js';
import { choicesOf, formatValue } from '../../format/values.js';
import { texts } from '../../texts.js';

export type ParsedInput = { readonly ok: true; readonly value: WireValue } | { readonly ok: false; readonly message: string };

/** What was typed or chosen, as the value that the protocol carries. A choice is entered as its position. */
export function parseInput(point: WirePoint, input: string): ParsedInput {
  const text = input.trim();
  const choices = choicesOf(point);
  if (choices !== undefined) {
    const choice = text === '' ? undefined : choices[Number(text)];
    return choice === undefined ? { ok: false, message: texts.write.needText } : { ok: true, value: choice.value };
  }
  switch (point.kind) {
    case 'integer64':
      return /^-?\d+$/.test(text) ? { ok: true, value: text } : { ok: false, message: texts.write.needInteger };
    case 'text':
      return text === '' ? { ok: false, message: texts.write.needText } : { ok: true, value: text };
    case 'number':
    case 'boolean':
    case 'enum': {
      // People of most countries type a decimal comma.
      const value = Number(text.replace(',', '.'));
      return text !== '' && Number.isFinite(value) ? { ok: true, value } : { ok: false, message: texts.write.needNumber };
    }
  }
}

/** The proposal as it is asked back: numbers exactly as typed, not rounded for display. */
export function describeInput(point: WirePoint, value: WireValue, input: string): string {
  if (point.kind !== 'number') return formatValue(point, value);
  return point.unit === undefined ? input.trim() : `${input.trim()} ${unitSymbol(point.unit)}`;
}
