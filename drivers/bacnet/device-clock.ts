/**
 * The clock of a device: BACnet's dates are local times without a zone. Where the device's UTC_Offset (clause
 * 12.11.21) is that of the site, the site's zone is used, which knows past changes of the clocks; otherwise the offset.
 */
import { IANAZone } from 'luxon';
import type { Contact } from './contact.js';
import { ANY, type BacnetDateTime, type TimeStamp } from './date-time.js';
import { refusalOf } from './refusal.js';
import type { BacnetValue } from './values.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DEVICE_OBJECT = 8;
const UTC_OFFSET = 119;
const DAYLIGHT_SAVINGS_STATUS = 24;

export class DeviceClock {
  private readonly zone: IANAZone;
  /** Minutes to add to UTC; undefined where the site's zone holds. */
  private fixed: number | undefined;
  private known = false;

  constructor(timezone: string) {
    this.zone = IANAZone.create(timezone);
  }

  /** False until the device was asked. */
  get isKnown(): boolean {
    return this.known;
  }

  /** `utcOffset` as the device tells it: minutes to subtract from UTC for standard time, so west is positive. */
  learn(utcOffset: number | undefined, isDaylightSaving: boolean, nowMs: number): void {
    const minutes = utcOffset === undefined ? undefined : -utcOffset + (isDaylightSaving ? 60 : 0);
    this.known = true;
    this.fixed = minutes === undefined || minutes === this.zone.offset(nowMs) ? undefined : minutes;
  }

  /** Local time of the device at `atMs`. */
  local(atMs: number): BacnetDateTime {
    return dateTimeOf(atMs + this.offset(atMs) * MINUTE_MS);
  }

  /** Undefined for a time that is not fully given. In the hour that comes twice: the first. */
  instant({ date, time }: BacnetDateTime): number | undefined {
    const { year, month, day } = date;
    const { hour, minute, second, hundredths } = time;
    if ([year, month, day, hour, minute].includes(ANY) || month > 12 || day > 31) return undefined;
    const local = Date.UTC(1900 + year, month - 1, day, hour, minute, second === ANY ? 0 : second, hundredths === ANY ? 0 : hundredths * 10);
    if (this.fixed !== undefined) return local - this.fixed * MINUTE_MS;
    const early = this.zone.offset(local - DAY_MS);
    const late = this.zone.offset(local + DAY_MS);
    for (const offset of [early, late]) if (this.zone.offset(local - offset * MINUTE_MS) === offset) return local - offset * MINUTE_MS;
    return local - early * MINUTE_MS; // in the hour that is left out
  }

  /** When the stamp was; one without a date lies in the last 24 hours before `nowMs`. */
  instantOf(stamp: TimeStamp, nowMs: number): number | undefined {
    if (stamp.type === 'sequence') return undefined;
    if (stamp.type === 'date-time') return this.instant(stamp);
    const today = this.instant({ date: this.local(nowMs).date, time: stamp.time });
    // (A device whose clock is ahead of ours by some minutes does not mean yesterday.)
    return today === undefined || today <= nowMs + 10 * MINUTE_MS ? today : today - DAY_MS;
  }

  private offset(atMs: number): number {
    return this.fixed ?? this.zone.offset(atMs);
  }
}

/** Of a time given as milliseconds since 1970 as if it were UTC. */
export function dateTimeOf(ms: number): BacnetDateTime {
  const date = new Date(ms);
  return {
    date: { year: date.getUTCFullYear() - 1900, month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay() === 0 ? 7 : date.getUTCDay() },
    time: { hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds(), hundredths: Math.floor(date.getUTCMilliseconds() / 10) },
  };
}

/** Asks the device where it is; a device that does not tell is taken to be on the site's time. Rejects where it does not answer. */
export async function learnClock(contact: Pick<Contact, 'readProperty'>, clock: DeviceClock, instance: number, nowMs: number): Promise<void> {
  const read = async (property: number): Promise<BacnetValue | undefined> => {
    try {
      return (await contact.readProperty({ object: { type: DEVICE_OBJECT, instance }, property }))[0];
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
      return undefined;
    }
  };
  const offset = await read(UTC_OFFSET);
  const saving = offset === undefined ? undefined : await read(DAYLIGHT_SAVINGS_STATUS);
  clock.learn(offset?.type === 'signed' && Math.abs(offset.value) <= 1440 ? offset.value : undefined, saving?.type === 'boolean' && saving.value, nowMs);
}
