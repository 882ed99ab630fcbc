/** Trend Logs of a virtual device, read by ReadRange (12.25 and 15.8). */
import type { Timer } from '../../src/contract/index.js';
import { dateTimeOctets, readDateTime } from './local-time.js';
import type { DeviceModule, ModuleObject, ModuleWorld } from './modules.js';
import { faults, PropertyFault, type VirtualObject } from './objects.js';
import { RAW, WireReader, WireWriter, type ObjectId, type WireValue } from './wire.js';

export interface TrendLogOptions {
  readonly instance: number;
  readonly name?: string;
  /** Records that it keeps; the oldest give way. */
  readonly size?: number;
  /** Sampled each so many milliseconds while it is enabled; without it only {@link VirtualTrendLog.sample} logs. */
  readonly everyMs?: number;
}

interface Entry {
  readonly sequence: number;
  readonly localMs: number;
  /** LogRecord, encoded. */
  readonly octets: Buffer;
}

/** One of a list: a log's has its number and its time. */
type Item = Pick<Entry, 'octets'> & Partial<Entry>;

/** By the tag that a range has (clause 21, ReadRange-Request). */
const ranges: Readonly<Record<number, 'time' | 'sequence' | 'position'>> = { 3: 'position', 6: 'sequence', 7: 'time' };

const statusOf = { disabled: 0x80, purged: 0x40, interrupted: 0x20 } as const;

export class VirtualTrendLog implements ModuleObject {
  readonly id: ObjectId;
  entries: Entry[] = [];
  total = 0;
  private enabled = true;
  private readonly sampling: Timer | undefined;

  constructor(private readonly options: TrendLogOptions, private readonly object: VirtualObject, private readonly world: ModuleWorld) {
    this.id = { type: 20, instance: options.instance };
    this.sampling = options.everyMs === undefined ? undefined : world.timers.every(options.everyMs, () => this.sample());
  }

  /** Logs the object's present value, as its type is logged. */
  sample(): void {
    if (!this.enabled) return;
    const [value] = this.object.read(85);
    if (value === undefined) return;
    const kinds: Readonly<Record<number, number>> = { 1: 1, 2: 4, 3: 5, 4: 2, 9: 3 };
    const flags = this.object.statusFlags().reduce((octet, bit, at) => octet | (bit ? 128 >> at : 0), 0);
    const kind = kinds[value.tag];
    const datum = kind === undefined ? new WireWriter().open(10).value(value).close(10) : new WireWriter().contextRaw(kind, content(value));
    this.append(datum.done(), Buffer.from([0x2a, 4, flags]));
  }

  fail(errorClass: number, errorCode: number): void {
    this.append(new WireWriter().open(8).value({ tag: 9, value: errorClass }).value({ tag: 9, value: errorCode }).close(8).done());
  }

  status(what: keyof typeof statusOf | 'enabled'): void {
    if (what === 'purged') this.entries = [];
    if (what === 'disabled' || what === 'enabled') this.enabled = what === 'enabled';
    this.append(Buffer.from([0x0a, 5, what === 'enabled' ? 0 : statusOf[what]]));
  }

  clockChanged(seconds: number): void {
    const octets = Buffer.alloc(4);
    octets.writeFloatBE(seconds);
    this.append(new WireWriter().contextRaw(9, octets).done());
  }

  stop(): void {
    this.sampling?.cancel();
  }

  properties(): number[] {
    return [75, 77, 79, 133, 132, 134, 144, 126, 131, 141, 145, 36, 197, 111];
  }

  /** Log_DeviceObjectProperty, Log_Interval. */
  optional(): readonly number[] {
    return [132, 134];
  }

  /** Log_Buffer is one, but its items are told by time and number: {@link VirtualTrendLogs.serve}. */
  list(): undefined {
    return undefined;
  }

  read(property: number, index?: number): WireValue[] {
    const values = this.plain(property);
    if (index !== undefined) throw faults.notAnArray();
    return values;
  }

  private plain(property: number): WireValue[] {
    switch (property) {
      case 75: return [{ tag: 12, value: this.id }];
      case 77: return [{ tag: 7, value: this.options.name ?? `TL-${this.id.instance}` }];
      case 132: return [{ tag: RAW, value: new WireWriter().contextObject(0, this.object.id).contextUnsigned(1, 85).done() }];
      case 134: return [{ tag: 2, value: Math.round((this.options.everyMs ?? 0) / 10) }]; // hundredths of a second
      case 144: return [{ tag: 1, value: false }];
      case 36: return [{ tag: 9, value: 0 }];
      case 197: return [{ tag: 9, value: this.options.everyMs === undefined ? 2 : 0 }]; // triggered, polled
      case 111: return [{ tag: 8, value: [false, false, false, false] }];
      case 79: return [{ tag: 9, value: 20 }];
      case 133: return [{ tag: 1, value: this.enabled }];
      case 126: return [{ tag: 2, value: this.options.size ?? 1_000 }];
      case 131: throw new PropertyFault(2, 27); // read access denied: ReadRange only
      case 141: return [{ tag: 2, value: this.entries.length }];
      case 145: return [{ tag: 2, value: this.total }];
      default: throw faults.unknownProperty();
    }
  }

  write(property: number, raw: Buffer, index?: number): void {
    if (index !== undefined) throw faults.notAnArray();
    if (property !== 133) throw faults.writeAccessDenied();
    const { tag, value } = new WireReader(raw).value();
    if (tag !== 1) throw faults.invalidDataType();
    this.status(value === true ? 'enabled' : 'disabled');
  }

  private append(datum: Buffer, flags: Buffer = Buffer.alloc(0)): void {
    const localMs = this.world.localMs();
    this.total = (this.total % 0xffff_ffff) + 1;
    this.entries.push({ sequence: this.total, localMs, octets: Buffer.concat([Buffer.from([0x0e]), dateTimeOctets(localMs), Buffer.from([0x0f, 0x1e]), datum, Buffer.from([0x1f]), flags]) });
    if (this.entries.length > (this.options.size ?? 1_000)) this.entries.shift();
  }
}

export class VirtualTrendLogs implements DeviceModule {
  readonly services = { 26: 'readRange' };
  /** Kinds of range that it does not know. */
  refuses: readonly ('time' | 'sequence' | 'position')[] = [];
  private readonly logs = new Map<number, VirtualTrendLog>();

  constructor(private readonly world: ModuleWorld) {}

  add(options: TrendLogOptions, of: VirtualObject): VirtualTrendLog {
    const log = new VirtualTrendLog(options, of, this.world);
    this.logs.set(options.instance, log);
    return log;
  }

  objects(): Iterable<ModuleObject> {
    return this.logs.values();
  }

  close(): void {
    for (const log of this.logs.values()) log.stop();
  }

  serve(_service: number, body: Buffer, { maxApdu }: { readonly maxApdu: number }): Buffer {
    const reader = new WireReader(body);
    const object = reader.contextObject(0);
    const property = reader.contextUnsigned(1);
    if (reader.isContext(2)) throw faults.notAnArray();
    const log = property === 131 && object.type === 20 ? this.logs.get(object.instance) : undefined;
    const entries: readonly Item[] = log?.entries ?? this.world.list(object, property).elements.map((octets) => ({ octets }));
    const kind = reader.left === 0 ? 'position' : ranges[(reader.next ?? 0) >> 4] ?? 'position';
    if (log === undefined && kind === 'time') throw faults.notTimeStamped();
    if (log === undefined && kind === 'sequence') throw faults.notNumbered();
    if (this.refuses.includes(kind)) throw faults.inconsistentParameters();
    const asked = select(entries, reader);
    reader.end();
    const writer = new WireWriter();
    let size = 32;
    const fitting = asked.entries.filter(({ octets }) => (size += octets.length) < maxApdu);
    // What does not fit is left out at the end that is farther from the reference.
    const kept = asked.backward ? asked.entries.slice(asked.entries.length - fitting.length) : fitting;
    const [first, last] = [kept[0], kept.at(-1)];
    const flags = (first !== undefined && first === entries[0] ? 128 : 0) | (last !== undefined && last === entries.at(-1) ? 64 : 0) | (kept.length < asked.entries.length ? 32 : 0);
    writer.contextObject(0, object).contextUnsigned(1, property).contextRaw(3, Buffer.from([5, flags])).contextUnsigned(4, kept.length).open(5);
    for (const { octets } of kept) writer.value({ tag: RAW, value: octets });
    writer.close(5);
    if (asked.counted && first?.sequence !== undefined) writer.contextUnsigned(6, first.sequence);
    return writer.done();
  }
}

/** Which records are meant: all without a range. `counted`: the answer names the first one's sequence number. */
function select(entries: readonly Item[], reader: WireReader): { entries: readonly Item[]; backward: boolean; counted: boolean } {
  if (reader.left === 0) return { entries, backward: false, counted: false };
  if ((reader.next ?? 0) >> 4 === 7) {
    const inner = new WireReader(reader.enclosed(7));
    const at = readDateTime(inner);
    const count = countOf(inner);
    const chosen = count > 0 ? entries.filter(({ localMs = 0 }) => Math.floor(localMs / 10) > Math.floor(at / 10)).slice(0, count) : entries.filter(({ localMs = 0 }) => Math.floor(localMs / 10) < Math.floor(at / 10)).slice(count);
    return { entries: chosen, backward: count < 0, counted: true };
  }
  const bySequence = (reader.next ?? 0) >> 4 === 6;
  const inner = new WireReader(reader.enclosed(bySequence ? 6 : 3));
  const reference = Number(inner.value().value);
  const count = countOf(inner);
  const at = bySequence ? entries.findIndex(({ sequence }) => sequence === reference) : reference - 1;
  if (at < 0 || at >= entries.length) return { entries: [], backward: false, counted: bySequence };
  return { entries: count > 0 ? entries.slice(at, at + count) : entries.slice(Math.max(0, at + 1 + count), at + 1), backward: count < 0, counted: bySequence };
}

function countOf(reader: WireReader): number {
  const { tag, value } = reader.value();
  reader.end();
  if (tag !== 3 || value === 0) throw faults.inconsistentParameters();
  return Number(value);
}

/** The octets of a primitive without its tag. */
function content(value: WireValue): Buffer {
  if (value.tag === 1) return Buffer.from([value.value === true ? 1 : 0]);
  return new WireWriter().value(value).done().subarray(1);
}
