/** What was discovered, as blocks of a site document. */
import { unitText } from '../../src/contract/index.js';
import type { KnownDevice, FoundObject } from './discover.js';
import { flowText } from './flow-text.js';
import { objectKindOf } from './object-types.js';

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

function pointOf({ object, name, description, units, states, commandable }: FoundObject, device: string, taken: Set<string>): string {
  const address = `${objectKindOf(object.type)?.short ?? String(object.type)}:${object.instance}`;
  const unit = unitText(units);
  // Two states of one text could not be told apart in a command.
  const distinct = states?.includes('') === false && new Set(states).size === states.length;
  const block = { device, object: address, ...(unit !== undefined && { unit }), ...(distinct && { states }), ...(description !== undefined && { description: oneLine(description) }) };
  return `${entry(free(`${device}.${legal(name, address)}`, taken), block)}${commandable ? ' # can be commanded: write: {priority: 10}' : ''}`;
}

function entry(key: string, block: object): string {
  return `  ${flowText(key)}: ${flowText(block)}`;
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
