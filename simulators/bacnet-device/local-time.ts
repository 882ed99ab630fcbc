/** Dates and times as octets, and the clock of a virtual device, which TimeSynchronization sets (16.7 and 16.8). */
import type { Clock } from '../../src/contract/index.js';
import type { DeviceModule, ModuleObject } from './modules.js';
import { WireError, WireReader, type WireValue } from './wire.js';

const ANY = 255;

export function dateOctets(ms: number): Buffer {
  const date = new Date(ms);
  return Buffer.from([date.getUTCFullYear() - 1900, date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay() || 7]);
}

export function timeOctets(ms: number): Buffer {
  const date = new Date(ms);
  return Buffer.from([date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), Math.floor(date.getUTCMilliseconds() / 10)]);
}

/** Application date and time, one after the other. */
export function dateTimeOctets(ms: number | undefined): Buffer {
  const [date, time] = ms === undefined ? [Buffer.alloc(4, ANY), Buffer.alloc(4, ANY)] : [dateOctets(ms), timeOctets(ms)];
  return Buffer.concat([Buffer.from([0xa4]), date, Buffer.from([0xb4]), time]);
}

/** Reads application date and time; throws for a date that is no date, or with a day of the week that it is not. */
export function readDateTime(reader: WireReader): number {
  const [date, time] = [reader.value(), reader.value()];
  if (date.tag !== 10 || time.tag !== 11 || !Buffer.isBuffer(date.value) || !Buffer.isBuffer(time.value)) throw new WireError('a date and a time are due');
  const [year = 0, month = 0, day = 0, weekday = 0] = date.value;
  const [hour = 0, minute = 0, second = 0, hundredths = 0] = time.value;
  const ms = Date.UTC(1900 + year, month - 1, day, hour, minute, second, hundredths * 10);
  if (!dateOctets(ms).subarray(0, 3).equals(date.value.subarray(0, 3)) || (weekday !== ANY && weekday !== dateOctets(ms).readUInt8(3))) throw new WireError('a date that does not exist');
  return ms;
}

export class LocalTime implements DeviceModule {
  readonly services = {};
  /** Each setting of the clock: with which service, and to which local time, as if it were UTC. */
  readonly settings: { readonly kind: 'local' | 'utc'; readonly localMs: number }[] = [];
  /** Minutes west of Greenwich, standard time, and whether summer time holds (12.11.21, 12.11.22). */
  utcOffset = 0;
  isDaylightSaving = false;
  private driftMs = 0;

  constructor(private readonly clock: Clock) {}

  objects(): Iterable<ModuleObject> {
    return [];
  }

  localMs(): number {
    return this.clock.wallMs() + this.zoneMs() + this.driftMs;
  }

  /** A clock that goes wrong by so much. */
  drift(ms: number): void {
    this.driftMs += ms;
  }

  hear(service: number, body: Buffer): void {
    if (service !== 6 && service !== 9) return;
    const reader = new WireReader(body);
    const told = readDateTime(reader);
    reader.end();
    const localMs = service === 9 ? told + this.zoneMs() : told;
    this.driftMs = localMs - this.clock.wallMs() - this.zoneMs();
    this.settings.push({ kind: service === 9 ? 'utc' : 'local', localMs });
  }

  /** Properties of the device object. */
  read(property: number): WireValue[] | undefined {
    switch (property) {
      case 24: return [{ tag: 1, value: this.isDaylightSaving }];
      case 56: return [{ tag: 10, value: dateOctets(this.localMs()) }];
      case 57: return [{ tag: 11, value: timeOctets(this.localMs()) }];
      case 119: return [{ tag: 3, value: this.utcOffset }];
      default: return undefined;
    }
  }

  private zoneMs(): number {
    return (-this.utcOffset + (this.isDaylightSaving ? 60 : 0)) * 60_000;
  }
}
