import { isDeepStrictEqual } from 'node:util';
import type { DecimalSign } from '../../contract/index.js';
import type { SheetColumn } from './columns.js';

/** In the languages in which spreadsheets write them. */
const YES = new Set(['true', 'wahr', 'vrai', 'vero', 'verdadero', 'waar', 'sant', 'prawda']);
const NO = new Set(['false', 'falsch', 'faux', 'falso', 'onwaar', 'falskt', 'fałsz']);

const numberForm = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?$/i;
const durationForm = /^\d+,\d+(?:ms|s|min|h|d)$/;

/** A table would run what begins like this, or drop the sign; OWASP, CSV injection. */
const formulaStart = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
const plainNumber = /^-?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?$/i;

/** Between the entries of a list. A line break within the cell does, too. */
const LIST = '|';

export function accepts({ schemas }: SheetColumn, value: unknown): boolean {
  return schemas.some((schema) => schema.safeParse(value).success);
}

export function isNumber(text: string): boolean {
  return numberForm.test(text);
}

/** What a cell means; undefined where it is empty. What it cannot mean is left as text, for the check of the document to refuse. */
export function parseCell(column: SheetColumn, cell: string, decimal: DecimalSign): unknown {
  const text = normalized(cell);
  if (text === '') return undefined;
  if (/^["[{]/.test(text)) {
    const written = fromJson(text);
    if (written !== undefined && (typeof written === 'string' || accepts(column, written))) return written;
  }
  if (column.isList) {
    const items = entriesOf(text);
    const list = items.map((item) => scalar(item, (value) => accepts(column, [value]), decimal));
    const [only] = list;
    return list.length === 1 && accepts(column, only) ? only : list;
  }
  return scalar(text, (value) => accepts(column, value), decimal);
}

/** A value as a cell, such that {@link parseCell} gives it back; empty for undefined. */
export function formatCell(column: SheetColumn, value: unknown, decimal: DecimalSign): string {
  if (value === undefined) return '';
  const plain = plainText(value, decimal);
  if (plain !== undefined && isDeepStrictEqual(parseCell(column, plain, decimal), value)) return plain;
  // One entry of a list that might be a single value reads as the value: that is the same to the document.
  if (Array.isArray(value) && value.length === 1 && plain !== undefined && isDeepStrictEqual(parseCell(column, plain, decimal), value[0])) return plain;
  return typeof value === 'number' ? (plain ?? '') : JSON.stringify(value);
}

/** Guards what a spreadsheet would take for a formula; a number with its sign is none. */
export function guardCell(text: string): string {
  if (plainNumber.test(text)) return text;
  return formulaStart.test(text) || (text.startsWith("'") && (text[1] === "'" || formulaStart.test(text.slice(1)))) ? `'${text}` : text;
}

export function unguardCell(text: string): string {
  return text.startsWith("'") && (text[1] === "'" || formulaStart.test(text.slice(1))) ? text.slice(1) : text;
}

/** Outer blanks and the kind of line breaks mean nothing. */
export function normalized(cell: string): string {
  return cell.replaceAll(/\r\n?/g, '\n').trim();
}

function scalar(text: string, fits: (value: unknown) => boolean, decimal: DecimalSign): unknown {
  if (text.startsWith('"')) {
    const written = fromJson(text);
    if (typeof written === 'string') return written;
  }
  const number = isNumber(text) ? Number(text.replace(',', '.')) : undefined;
  if (number !== undefined && fits(number)) return number;
  const word = text.toLowerCase();
  const flag = YES.has(word) ? true : NO.has(word) ? false : undefined;
  if (flag !== undefined && fits(flag)) return flag;
  if (fits(text)) return text;
  if (decimal === ',' && durationForm.test(text) && fits(text.replace(',', '.'))) return text.replace(',', '.');
  return number ?? flag ?? text;
}

function plainText(value: unknown, decimal: DecimalSign): string | undefined {
  switch (typeof value) {
    case 'number':
      return decimal === ',' ? String(value).replace('.', ',') : String(value);
    case 'boolean':
      return String(value);
    case 'string':
      return value;
    case 'object': {
      if (!Array.isArray(value) || value.length === 0) return undefined;
      const items = value.map((item: unknown) => (typeof item === 'string' && needsQuotes(item) ? JSON.stringify(item) : plainText(item, decimal)));
      return items.every((item) => item !== undefined) ? items.join(LIST) : undefined;
    }
    default:
      return undefined;
  }
}

function needsQuotes(item: string): boolean {
  return item === '' || item.startsWith('"') || /[|\n\r]/.test(item) || item !== item.trim();
}

/** Parts between `|` and line breaks; neither counts within an entry in quotes. */
function entriesOf(text: string): string[] {
  return [...text.matchAll(/[ \t]*"(?:[^"\\\n]|\\.)*"(?=\s*(?:[|\n]|$))|[^|\n]+/g)].map(([entry]) => entry.trim()).filter((entry) => entry !== '');
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
