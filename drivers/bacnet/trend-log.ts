/**
 * What a device's Trend Log says of a time span (ANSI/ASHRAE 135 clause 12.25): read by time, then on by sequence number;
 * by position where the device knows nothing else. Log_Status, failures and changes of the clock become gaps and bad
 * samples, so that nothing looks as if it had been logged.
 */
import { isTandemError, qualityOf, TandemError, type DeviceLog } from '../../src/contract/index.js';
import { AlarmService } from './alarm-services.js';
import type { BacnetAddress } from './config.js';
import type { Contact } from './contact.js';
import type { DeviceClock } from './device-clock.js';
import { qualityOfFlags, toPointValue, FORMAT } from './point-value.js';
import { refusalOf } from './refusal.js';
import { decodeReadRangeAck, encodeReadRange, type LogRecord, type Range, type RangeAnswer } from './read-range.js';
import type { BacnetValue, ObjectId } from './values.js';

/** Records that one request asks for; a device whose answer gets too long is asked for fewer. */
const CHUNK = 200;
/** Sequence numbers are Unsigned32. */
const LAST_SEQUENCE = 0xffff_ffff;
const MOST_RECORDS = 100_000;
const FAILED = qualityOf('bad', 'device');

interface Timed {
  readonly timeMs: number;
  readonly record: LogRecord;
}

export async function readTrendLog(contact: Contact, log: ObjectId, address: BacnetAddress, clock: DeviceClock, fromMs: number, toMs: number): Promise<DeviceLog> {
  const read = new RangeReader(contact, log);
  const timed: Timed[] = [];
  let isOldest = false;
  const take = (answer: RangeAnswer): boolean => {
    isOldest ||= answer.first;
    for (const record of answer.records) {
      const timeMs = clock.instant(record.at);
      if (timeMs !== undefined) timed.push({ timeMs, record });
    }
    if (timed.length > MOST_RECORDS) throw new TandemError('FIELD_MALFORMED', `the log has more than ${MOST_RECORDS} records of this time`);
    return (timed.at(-1)?.timeMs ?? 0) <= toMs;
  };
  try {
    await read.forward({ by: 'time', after: clock.local(fromMs - 10), count: CHUNK }, take);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal?.kind !== 'error' && refusal?.kind !== 'reject') throw error;
    timed.length = 0;
    isOldest = false;
    await read.forward({ by: 'position', from: 1, count: CHUNK }, take);
  }
  return logOf(timed, address, { fromMs, toMs, isOldest });
}

class RangeReader {
  private count = CHUNK;

  constructor(private readonly contact: Contact, private readonly log: ObjectId) {}

  /** Answer after answer until there is no more, or `take` has enough. */
  async forward(range: Range, take: (answer: RangeAnswer) => boolean): Promise<void> {
    for (let next: Range | undefined = range; next !== undefined; ) {
      const answer = await this.ask(next);
      const { length } = answer.records;
      if (length === 0 || !take(answer) || answer.last) return;
      const { firstSequence } = answer;
      // (A log that wraps counts on from 1, 12.25.16.)
      if (next.by === 'position') next = { by: 'position', from: next.from + length, count: this.count };
      else next = firstSequence === undefined ? undefined : { by: 'sequence', from: ((firstSequence + length - 1) % LAST_SEQUENCE) + 1, count: this.count };
    }
  }

  private async ask(range: Range): Promise<RangeAnswer> {
    for (;;) {
      try {
        return decodeReadRangeAck(await this.contact.request(AlarmService.readRange, encodeReadRange(this.log, { ...range, count: this.count })), this.log);
      } catch (error) {
        if (!isTandemError(error) || refusalOf(error)?.kind !== 'abort' || this.count === 1) throw error;
        this.count = Math.ceil(this.count / 4); // too long for one APDU, and the device does not say so by more-items
      }
    }
  }
}

function logOf(timed: readonly Timed[], address: BacnetAddress, { fromMs, toMs, isOldest }: { fromMs: number; toMs: number; isOldest: boolean }): DeviceLog {
  const samples: DeviceLog['samples'][number][] = [];
  const gaps: DeviceLog['gaps'][number][] = [];
  const gap = (from: number, to: number, reason: string): void => {
    const [begin, end] = [Math.max(from, fromMs), Math.min(to, toMs)];
    if (begin < end) gaps.push({ fromMs: begin, toMs: end, reason });
  };
  /** The last record, and since when the log is disabled. */
  let lastMs = fromMs;
  let disabledMs: number | undefined;
  const [first] = timed;
  if (first === undefined) gap(fromMs, toMs, 'nothing was logged');
  else if (isOldest && first.record.datum.kind !== 'status') gap(fromMs, first.timeMs, 'the log begins later');
  for (const { timeMs, record } of timed) {
    if (timeMs > toMs) break;
    const { datum, flags } = record;
    if (datum.kind === 'status') {
      if (datum.purged) gap(fromMs, timeMs, 'the log was purged');
      else if (datum.interrupted) gap(lastMs, timeMs, 'the log was interrupted');
      if (disabledMs !== undefined && !datum.disabled) gap(disabledMs, timeMs, 'the log was disabled');
      disabledMs = datum.disabled ? (disabledMs ?? timeMs) : undefined;
    } else if (datum.kind === 'time-change') {
      gap(Math.min(lastMs, timeMs), Math.max(lastMs, timeMs), `the device's clock was changed${datum.seconds === 0 ? '' : ` by ${datum.seconds} s`}`);
    } else if (timeMs >= fromMs) {
      if (disabledMs !== undefined) gap(disabledMs, timeMs, 'the log was disabled');
      disabledMs = undefined;
      samples.push({ timeMs, ...sampleOfDatum(address, datum, flags) });
    }
    lastMs = timeMs;
  }
  if (disabledMs !== undefined) gap(disabledMs, toMs, 'the log was disabled');
  return { samples: samples.sort((a, b) => a.timeMs - b.timeMs), gaps };
}

function sampleOfDatum(address: BacnetAddress, datum: LogRecord['datum'], flags: readonly boolean[] | undefined): { value: number | bigint | string; quality: number } {
  if (datum.kind === 'failure') return { value: NaN, quality: FAILED };
  const value = datum.kind === 'value' ? pointValue(address, datum.value) : undefined;
  if (value === undefined) return { value: NaN, quality: FORMAT };
  return { value, quality: qualityOfFlags(flags === undefined ? undefined : [{ type: 'bits', value: flags }]) };
}

/** As the object has it; devices that log everything as a number are taken at their word. */
function pointValue({ encoding }: BacnetAddress, value: BacnetValue): number | bigint | string | undefined {
  const exact = toPointValue(encoding, [value]);
  if (exact !== undefined) return exact;
  if (value.type === 'boolean') return Number(value.value);
  if (value.type !== 'real' && value.type !== 'unsigned' && value.type !== 'enumerated' && value.type !== 'signed') return undefined;
  return encoding === 'text' ? undefined : encoding === 'state' ? value.value - 1 : value.value;
}
