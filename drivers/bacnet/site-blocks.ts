/** What was discovered, as blocks of a site document. */
import { EngineeringUnits } from '@bacnet-js/client/dist/lib/enum.js';
import { stringify } from 'yaml';
import type { KnownDevice, FoundObject } from './discover.js';
import { objectKindOf } from './object-types.js';

/** Units as people write them; the others keep the standard's name. */
const SYMBOLS: Readonly<Record<string, string | undefined>> = {
  DEGREES_CELSIUS: 'degC', DEGREES_FAHRENHEIT: 'degF', KELVIN: 'K', PERCENT: '%', PERCENT_RELATIVE_HUMIDITY: '%RH', PASCALS: 'Pa', KILOPASCALS: 'kPa', BARS: 'bar',
  WATTS: 'W', KILOWATTS: 'kW', KILOWATT_HOURS: 'kWh', VOLTS: 'V', AMPERES: 'A', HERTZ: 'Hz', PARTS_PER_MILLION: 'ppm', LUXES: 'lx', METERS_PER_SECOND: 'm/s',
  CUBIC_METERS_PER_HOUR: 'm3/h', LITERS_PER_SECOND: 'l/s', SECONDS: 's', MINUTES: 'min', HOURS: 'h',
};

/**
 * One `devices` and one `points` block for devices on `line`. What can be commanded says so in a comment and is not
 * made writable: that is for a person to decide. Points are named `device.object`; names that are taken get a number.
 */
export function siteBlocks(found: readonly KnownDevice[], line: string, takenNames: Iterable<string> = []): string {
  const taken = new Set(takenNames);
  const devices: string[] = ['devices:'];
  const points: string[] = ['points:'];
  for (const { instance, peer, name, objects, problems, vendor, model } of found) {
    const device = free(legal(name, `device-${instance}`), taken);
    const about = [vendor, model].filter((text) => text !== undefined && text !== '').join(' ');
    for (const note of [about, ...problems].filter((text) => text !== '')) devices.push(`  # ${oneLine(note)}`);
    devices.push(entry(device, { driver: 'bacnet', line, instance, ...(peer?.route && { route: peer.route }) }));
    for (const object of objects) points.push(pointOf(object, device, taken));
  }
  return [...devices, '', ...points, ''].join('\n');
}

/** Undefined for "no units" and numbers that the standard does not name. */
export function unitText(units: number | undefined): string | undefined {
  const name = units === undefined ? undefined : (EngineeringUnits as Record<number, string | undefined>)[units];
  return name === undefined || name === 'NO_UNITS' ? undefined : SYMBOLS[name] ?? name.toLowerCase().replaceAll('_', '-');
}

/** BACnetEngineeringUnits of what {@link unitText} writes. */
export function unitCode(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return codes.get(text);
}

const codes = new Map(Object.values(EngineeringUnits).filter((code) => typeof code === 'number').flatMap((code): [string, number][] => {
  const text = unitText(code);
  return text === undefined ? [] : [[text, code]];
}).reverse());

function pointOf({ object, name, description, units, states, commandable }: FoundObject, device: string, taken: Set<string>): string {
  const address = `${objectKindOf(object.type)?.short ?? String(object.type)}:${object.instance}`;
  const unit = unitText(units);
  // Two states of one text could not be told apart in a command.
  const distinct = states?.includes('') === false && new Set(states).size === states.length;
  const block = { device, object: address, ...(unit !== undefined && { unit }), ...(distinct && { states }), ...(description !== undefined && { description: oneLine(description) }) };
  return `${entry(free(`${device}.${legal(name, address)}`, taken), block)}${commandable ? ' # can be commanded: write: {priority: 10}' : ''}`;
}

function entry(key: string, block: object): string {
  const flow = stringify(block, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
  return `  ${stringify(key, { lineWidth: 0 }).trim()}: ${flow}`;
}

/** As the site document allows a name; `fallback` where nothing is left of it. */
function legal(name: string, fallback: string): string {
  const clean = name.replaceAll(/[^\p{L}\p{N}_ .:/+-]/gu, '_').replace(/^[^\p{L}\p{N}_]+/u, '').slice(0, 50).trim();
  return clean === '' ? fallback : clean;
}

function free(name: string, taken: Set<string>): string {
  let unique = name;
  for (let number = 2; taken.has(unique); number++) unique = `${name}-${number}`;
  taken.add(unique);
  return unique;
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim();
}
