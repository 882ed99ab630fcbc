import { engineeringUnits } from './engineering-units.js';

const NO_UNITS = 95;
/** Usual in buildings, and no unit of BACnet. */
const OTHERS = ['1', 'B', 'kB', 'MB', 'GB', 'TB', 'KiB', 'MiB', 'GiB', 'bit/s', 'kbit/s', 'Mbit/s', 'us', 'GJ', 'GWh', 'GW', 'MPa', 'Nm3', 'Nm3/h', 'hl', 'dl', 'cl', 'cosphi', 'cal', 'kcal', 'K.m2/W', 'l/m2', 'm3/m2h', '1/d', 'CHF', 'EUR', 'GBP', 'USD', 'dH', 'degdH', 'VOC', 'AQI', 'Ah', 'pcs'];

/** (Unicode has the micro sign and the ohm twice, as signs and as Greek letters.) */
const PLAIN: Readonly<Record<string, string>> = {
  '°': 'deg', '²': '2', '³': '3', '\u00b5': 'u', '\u03bc': 'u', '\u03a9': 'Ohm', '\u2126': 'Ohm', '·': '.', '⋅': '.', '℃': 'degC', '℉': 'degF', '‰': 'permille', 'φ': 'phi', '€': 'EUR', '$': 'USD', '£': 'GBP', ' ': '', '\u00a0': '',
};
const SIGNS = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'gu');

/** One way of writing for what people write differently: m³, µg, °C, kΩ, "% RH". */
export function plainSymbol(text: string): string {
  return text.replaceAll(SIGNS, (sign) => PLAIN[sign] ?? sign);
}

const bySymbol = new Map([...engineeringUnits].reverse().flatMap(({ code, symbols }) => symbols.map((symbol): [string, number] => [symbol, code])));
const byName = new Map(engineeringUnits.map(({ code, name }) => [plainName(name), code]));
const byCode = new Map(engineeringUnits.map((unit) => [unit.code, unit]));
const others: ReadonlySet<string> = new Set(OTHERS);

/**
 * Number of the engineering unit that a text means, by the standard's name in any writing (`degrees-celsius`, `degreesCelsius`, DEGREES_CELSIUS)
 * or by a usual symbol (`°C`, `degC`); undefined for any other text.
 */
export function unitCode(text: string | undefined): number | undefined {
  return text === undefined ? undefined : (bySymbol.get(plainSymbol(text)) ?? byName.get(plainName(text)));
}

/** The usual symbol of an engineering unit, or else its name; undefined for "no units" and for numbers that the standard does not name. */
export function unitText(code: number | undefined): string | undefined {
  const unit = code === undefined || code === NO_UNITS ? undefined : byCode.get(code);
  return unit === undefined ? undefined : (unit.symbols[0] ?? unit.name);
}

const SIGN_OF: Readonly<Record<string, string>> = { degC: '°C', degF: '°F', degK: 'K', deg: '°', Ohm: 'Ω', kOhm: 'kΩ', MOhm: 'MΩ' };

/** As people read a unit: its symbol where a document has the standard's name, with the signs that are easier read than typed; any other text as it is. */
export function unitSymbol(text: string): string {
  const plain = plainSymbol(text);
  const symbol = bySymbol.has(plain) || others.has(plain) ? text : (unitText(byName.get(plainName(text))) ?? text);
  return SIGN_OF[symbol] ?? symbol.replace(/^ug(?=$|\/)/, 'µg').replaceAll(/(?<=m|ft|in)[23](?![0-9])/g, (power) => (power === '2' ? '²' : '³'));
}

/** A unit of BACnet, or a symbol that is usual all the same. */
export function isKnownUnit(text: string): boolean {
  return unitCode(text) !== undefined || others.has(plainSymbol(text));
}

/** What may have been meant by an unknown one: symbols and names. */
export function knownUnits(): readonly string[] {
  return [...bySymbol.keys(), ...others, ...engineeringUnits.map(({ name }) => name)];
}

function plainName(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
