/**
 * Time synchronization (ANSI/ASHRAE 135 clauses 16.7 and 16.8), by the active node only. Due at whole multiples of the
 * interval since midnight UTC, so that a takeover neither repeats one nor needs to know when the last one was.
 */
import type { DriverHost, Timer } from '../../src/contract/index.js';
import { z } from 'zod';
import { durationMs, messageOf } from '../../src/contract/index.js';
import { NoticeService } from './alarm-services.js';
import { encodeUnconfirmed } from './apdu.js';
import { Asn1Writer } from './asn1.js';
import type { BacnetDevice } from './config.js';
import type { Contact } from './contact.js';
import type { Counters } from './counters.js';
import { writeDateTime, type BacnetDateTime } from './date-time.js';
import { dateTimeOf, DeviceClock, learnClock } from './device-clock.js';

export const timeSyncShape = z.strictObject({
  every: durationMs.default(86_400_000),
  kind: z.enum(['utc', 'local', 'both']).default('both'),
  to: z.enum(['broadcast', 'devices']).default('broadcast'),
});

export interface TimeSyncSettings {
  readonly everyMs: number;
  readonly kind: 'utc' | 'local' | 'both';
  readonly to: 'broadcast' | 'devices';
}

/** The wall clock may be set while a day is waited for. */
const LOOK_MS = 60 * 60_000;

export class TimeSync {
  private timer: Timer | undefined;

  constructor(
    private readonly host: DriverHost,
    private readonly device: BacnetDevice,
    private readonly contact: Contact,
    private readonly counters: Counters,
    private readonly clock: DeviceClock,
  ) {}

  setActive(active: boolean): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (active && this.device.timeSync !== undefined) this.wait(this.device.timeSync, this.host.clock.wallMs());
  }

  private wait(settings: TimeSyncSettings, sinceMs: number): void {
    const dueMs = (Math.floor(sinceMs / settings.everyMs) + 1) * settings.everyMs;
    const leftMs = Math.max(0, dueMs - this.host.clock.wallMs());
    this.timer = this.host.timers.after(Math.min(leftMs, LOOK_MS), () => {
      const nowMs = this.host.clock.wallMs();
      if (nowMs >= dueMs) this.send(settings, dueMs).catch((error: unknown) => this.host.log.warn(`time of device ${this.device.instance}: ${messageOf(error)}`));
      this.wait(settings, nowMs >= dueMs ? nowMs : sinceMs);
    });
  }

  private async send({ kind, to }: TimeSyncSettings, dueMs: number): Promise<void> {
    const transport = this.contact.attach();
    const { peer } = this.contact;
    if (to === 'broadcast' ? !transport.claim(`time ${dueMs}`) : peer === undefined) return;
    if (to === 'devices' && kind !== 'utc' && !this.clock.isKnown) await learnClock(this.contact, this.clock, this.device.instance, this.host.clock.wallMs());
    if (this.timer === undefined || this.host.permit?.() === false) return; // not active any more
    const nowMs = this.host.clock.wallMs();
    const receiver = to === 'broadcast' ? undefined : peer;
    // A broadcast has one local time for all: the site's.
    const local = to === 'broadcast' ? new DeviceClock(this.device.timezone) : this.clock;
    if (kind !== 'local') transport.notice(apduOf(NoticeService.utcTimeSynchronization, dateTimeOf(nowMs)), receiver);
    if (kind !== 'utc') transport.notice(apduOf(NoticeService.timeSynchronization, local.local(nowMs)), receiver);
    this.counters.count('timeSynchronizations');
  }
}

function apduOf(service: number, at: BacnetDateTime): Uint8Array {
  const writer = new Asn1Writer();
  writeDateTime(writer, at);
  return encodeUnconfirmed(service, writer.take());
}
