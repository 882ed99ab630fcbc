/**
 * Finds the units on a line, behind a gateway or in a device, and what they answer to. Reads only, one request at a time.
 */
import { isTandemError, messageOf, TandemError } from '../../src/contract/errors.js';
import type { IdentityEntry } from '../../src/contract/driver.js';
import type { SerialTarget } from '../../src/contract/network.js';
import { Bus } from './bus.js';
import { serialBus, tcpBus, type FramingName } from './bus-settings.js';
import { identify } from './identification.js';
import { exceptionOf, type ChannelHost } from './link.js';
import { MbapChannel } from './mbap-channel.js';
import { exceptionCode, exceptionName, readRequest, type Area } from './pdu.js';
import { UnitLink, type Channel } from './unit-link.js';

export type DiscoverWay =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'rtu-tcp'; readonly host: string; readonly port: number; readonly framing: FramingName }
  | { readonly kind: 'serial'; readonly target: SerialTarget; readonly framing: FramingName };

export interface DiscoverOptions {
  readonly units: readonly number[];
  /** For each answer; a gateway's own timeout should be shorter. */
  readonly timeoutMs: number;
  /** Also ask what each unit is. Some devices hang on the question. */
  readonly identify: boolean;
  /** Called before each unit is asked. */
  readonly progress?: (unit: number) => void;
  /** Ends the search early; what was found until then is returned. */
  readonly signal?: AbortSignal;
}

/** How an area answers to a read of its first register or bit. */
export type AreaAnswer = 'answers' | 'refuses offset 0' | 'is not there' | 'is silent' | `answers with ${string}`;

export interface FoundUnit {
  readonly unit: number;
  readonly areas: Readonly<Record<Area, AreaAnswer>>;
  readonly identification: readonly IdentityEntry[];
  /** What a person should look at. */
  readonly problems: readonly string[];
}

const areas: readonly Area[] = ['hr', 'ir', 'co', 'di'];
const CONNECT_TIMEOUT_MS = 5_000;

/** Rejects with FIELD_UNREACHABLE where the way itself is not there. */
export async function discoverUnits(host: ChannelHost, way: DiscoverWay, options: DiscoverOptions): Promise<readonly FoundUnit[]> {
  const found: FoundUnit[] = [];
  for await (const step of searchUnits(() => channelOf(host, way), options)) {
    if (typeof step !== 'number') found.push(step);
    else if (options.signal?.aborted === true) break;
    else options.progress?.(step);
  }
  return found;
}

/** Each unit's number before it is asked, and what was found of it after. Ends the search, and leaves the channel, with the consumer. */
export async function* searchUnits(channel: () => Channel, options: Pick<DiscoverOptions, 'units' | 'timeoutMs' | 'identify'>): AsyncGenerator<number | FoundUnit> {
  const link = new UnitLink(channel, options.units[0] ?? 1);
  link.start();
  try {
    for (const unit of options.units) {
      yield unit;
      const first = await ask(link, unit, 'hr', options.timeoutMs);
      if (first !== undefined) yield await lookAt(link, unit, first, options);
    }
  } finally {
    await link.stop();
  }
}

interface Answer { readonly area: AreaAnswer; readonly garbled: boolean }

async function lookAt(link: UnitLink, unit: number, first: Answer, { timeoutMs, identify: wanted }: Pick<DiscoverOptions, 'timeoutMs' | 'identify'>): Promise<FoundUnit> {
  const answers: Record<Area, AreaAnswer> = { hr: first.area, ir: 'is silent', co: 'is silent', di: 'is silent' };
  const problems: string[] = [];
  let { garbled } = first;
  for (const area of areas.slice(1)) {
    const answer = await ask(link, unit, area, timeoutMs);
    if (answer === undefined) continue;
    answers[area] = answer.area;
    garbled ||= answer.garbled;
  }
  if (garbled) problems.push('what it answers is garbled at times: two devices with one address, or a bad line');
  let identification: readonly IdentityEntry[] = [];
  if (wanted) {
    try {
      identification = await identify(link, unit, timeoutMs);
    } catch (error) {
      if (exceptionOf(error) === undefined) problems.push(`asked what it is: ${messageOf(error)}`);
    }
  }
  return { unit, areas: answers, identification, problems };
}

/** undefined: nobody is there. What is garbled or breaks off is asked once more. */
async function ask(link: UnitLink, unit: number, area: Area, timeoutMs: number, garbled = false): Promise<Answer | undefined> {
  try {
    await link.request({ unit, pdu: readRequest(area, 0, 1), urgent: false, timeoutMs });
    return { area: 'answers', garbled };
  } catch (error) {
    const code = exceptionOf(error);
    if (code === exceptionCode.gatewayPathUnavailable || code === exceptionCode.gatewayTargetSilent) return undefined;
    if (code !== undefined) return { area: meaningOf(code), garbled };
    if (isTandemError(error, 'FIELD_UNREACHABLE')) throw error;
    if (isTandemError(error, 'FIELD_TIMEOUT')) return garbled ? { area: 'is silent', garbled } : undefined;
    if (!garbled) return ask(link, unit, area, timeoutMs, true);
    if (isTandemError(error, 'FIELD_MALFORMED')) return { area: 'is silent', garbled };
    throw error;
  }
}

function meaningOf(code: number): AreaAnswer {
  if (code === exceptionCode.illegalFunction) return 'is not there';
  return code === exceptionCode.illegalAddress || code === exceptionCode.illegalValue ? 'refuses offset 0' : `answers with ${exceptionName(code)}`;
}

/** One of its own, which silence does not close. */
export function channelOf(host: ChannelHost, way: DiscoverWay): Channel {
  switch (way.kind) {
    case 'tcp':
      return new MbapChannel(host, [{ host: way.host, port: way.port, connectTimeoutMs: CONNECT_TIMEOUT_MS }], true);
    case 'rtu-tcp':
      return new Bus(host, { ...tcpBus(`${way.host}:${way.port}`, [{ host: way.host, port: way.port, connectTimeoutMs: CONNECT_TIMEOUT_MS }], way.framing), keepsOpen: true });
    case 'serial':
      return new Bus(host, { ...serialBus(way.target, way.framing), keepsOpen: true });
  }
}

/** Reads `1-10,20,30-40`. @throws USAGE */
export function parseUnits(text: string, most: number): readonly number[] {
  const units = new Set<number>();
  for (const part of text.split(',')) {
    const [, low = '', high = low] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part.trim()) ?? [];
    if (low === '' || Number(low) > Number(high) || Number(high) > most) throw new TandemError('USAGE', `"${part}" is no unit or range of units up to ${most}`);
    for (let unit = Number(low); unit <= Number(high); unit++) units.add(unit);
  }
  return [...units];
}
