import type { Clock } from '../../src/contract/clock.js';
import type { DriverPoint, WriteRequest } from '../../src/contract/driver.js';
import { isTandemError, messageOf, TandemError } from '../../src/contract/errors.js';
import type { PointValue } from '../../src/contract/point.js';
import { WRITE_ONLY, type Quality } from '../../src/contract/quality.js';
import { valueIn } from './block-reader.js';
import { decodeRegisters, encodeBit, encodeRegisters } from './codec.js';
import { exceptionOf, type LinkAnswer, type LinkRequest, type ModbusLink } from './link.js';
import { busyCodes, requestPatiently, type Pauses } from './patience.js';
import { exceptionCode, functionCode, maskWriteRequest, READ_DATA_OFFSET, readRequest, readWriteRequest, writeCoilRequest, writeCoilsRequest, writeRegisterRequest, writeRegistersRequest } from './pdu.js';
import { spareWithin, type Spare } from './plan.js';
import { formatAddress, type ModbusAddress, type ModbusUnit } from './types.js';

type Point = DriverPoint<ModbusAddress>;

const READBACK_DELAYS_MS = [50, 100, 200, 400];
const READBACK_DELAY_MAX_MS = 500;
/** Function 23 writes 121 registers (clause 6.17). */
const MOST_READ_WRITE = 242;

export interface WriterGiven {
  readonly clock: Clock;
  readonly link: ModbusLink;
  readonly pauses: Pauses;
  /** A value that was read back is a sample like any other. */
  readonly sample: (point: number, value: PointValue, timeMs: number, quality?: Quality) => void;
}

/** Writes points, one at a time, each verified as its rules say. */
export class Writer {
  private turn: Promise<unknown> = Promise.resolve();
  private readonly spare: Spare;

  constructor(private readonly given: WriterGiven, private readonly device: ModbusUnit) {
    this.spare = spareWithin(device, () => false);
  }

  /** Two read-modify-writes of one register must not overlap, so writes take turns. */
  write(point: Point, request: WriteRequest): Promise<void> {
    const expiresAtMs = this.given.clock.monotonicMs() + request.timeoutMs;
    const mine = this.turn.then(() => this.writeNow(point, request, expiresAtMs));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** Reads one point past everything. Rejects with a FIELD error; FIELD_MALFORMED where the registers hold no number. */
  async read(point: Point): Promise<{ value: PointValue; timeMs: number }> {
    if (point.write?.only === true) throw new TandemError('POINT_WRITE_ONLY', `${point.name} can be written and not read`);
    return this.readWith(point.address, { urgent: true, timeoutMs: this.device.timeoutMs });
  }

  private async writeNow(point: Point, request: WriteRequest, expiresAtMs: number): Promise<void> {
    const { address } = point;
    if (address.area === 'ir' || address.area === 'di') {
      throw new TandemError('POINT_READ_ONLY', `${point.name} lies at ${formatAddress(address)}, which Modbus cannot write`);
    }
    if (request.value === null) throw new TandemError('VALUE_INVALID', 'a Modbus device has no priorities, so there is nothing to relinquish');
    // A write that cannot be, or that may not be, asks nothing of the device, not even the register it would change.
    const write = this.prepare(point, request.value);
    if (!request.permit()) throw new TandemError('FENCED', 'this node may not write to the field');
    const effect = { urgent: true, permit: request.permit, expiresAtMs };
    const pdu = await write(effect);
    const answer = await this.send(point, pdu, effect);
    if (point.write?.only === true) this.given.sample(point.id, asRead(request.value, address) ?? request.value, this.given.clock.wallMs(), WRITE_ONLY);
    if (point.write?.verify !== 'readback' || this.isReadBack(point, pdu, request.value, answer)) return;
    await this.readBack(point, request.value, expiresAtMs);
  }

  /** Checks the value, and returns what makes the request. */
  private prepare(point: Point, value: PointValue): (effect: Effect) => Promise<Uint8Array> | Uint8Array {
    const { address } = point;
    const { writeMultiple } = this.device;
    if (address.area === 'co') {
      const on = encodeBit(value);
      return () => (writeMultiple ? writeCoilsRequest(address.offset, [on]) : writeCoilRequest(address.offset, on));
    }
    if (address.type === 'bool') {
      const on = encodeBit(value);
      if (this.device.maskWrite) {
        const mask = maskOf(address);
        return () => maskWriteRequest(address.offset, ~mask & 0xffff, on ? mask : 0);
      }
      return async (effect) => this.registerRequest(point, await this.withBit(address, on, effect));
    }
    const data = encodeRegisters(value, address);
    return () => this.registerRequest(point, data);
  }

  private registerRequest({ address: { offset }, write }: Point, data: Uint8Array): Uint8Array {
    if (this.device.readWrite && write?.verify === 'readback' && data.length <= MOST_READ_WRITE) return readWriteRequest({ start: offset, count: data.length / 2 }, offset, data);
    if (data.length > 2 || this.device.writeMultiple) return writeRegistersRequest(offset, data);
    return writeRegisterRequest(offset, ((data[0] ?? 0) << 8) | (data[1] ?? 0));
  }

  /** The register as the device holds it now, with one bit changed. */
  private async withBit(address: ModbusAddress, on: boolean, effect: Effect): Promise<Uint8Array> {
    const word: ModbusAddress = { ...address, type: 'uint16', scale: 1, shift: 0 };
    const answer = await this.ask(readRequest('hr', address.offset, 1), effect);
    const now = Number(decodeRegisters(answer.pdu, READ_DATA_OFFSET, word));
    const mask = 1 << (address.bit ?? 0);
    return encodeRegisters(on ? now | mask : now & ~mask, word);
  }

  /** Whether function 23 has shown the value already; a device that takes it over later is read until it does. */
  private isReadBack({ id, address }: Point, pdu: Uint8Array, value: PointValue, answer: LinkAnswer | undefined): boolean {
    if (pdu[0] !== functionCode.readWriteRegisters || answer === undefined) return false;
    const found = valueIn({ area: 'hr', start: address.offset }, answer.pdu, address);
    if (found === undefined || found !== asRead(value, address)) return false;
    this.given.sample(id, found, answer.timeMs);
    return true;
  }

  /** undefined where the device did not confirm, and the point's rules are content with that. */
  private async send(point: Point, pdu: Uint8Array, effect: Effect): Promise<LinkAnswer | undefined> {
    const verify = point.write?.verify ?? 'echo';
    // Code 5 says that the device has taken the request: only what does no harm twice is sent again.
    const codes = point.write?.repeatable === true ? busyCodes : [exceptionCode.busy];
    try {
      return await this.ask(pdu, effect, codes);
    } catch (error) {
      if (verify === 'none' && isTandemError(error, 'FIELD_NOT_VERIFIED')) return undefined;
      switch (exceptionOf(error) ?? 0) {
        case exceptionCode.acknowledge:
          if (verify === 'readback') return undefined;
          throw new TandemError('FIELD_NOT_VERIFIED', 'the device has taken the write and does not say whether it is done', { cause: error });
        case exceptionCode.gatewayTargetSilent:
          // The gateway passed it on and heard nothing: it may have been done.
          throw new TandemError('FIELD_TIMEOUT', messageOf(error), { cause: error });
        default:
          throw error;
      }
    }
  }

  /** Devices take a value over at the end of their cycle, so it is read until it is there or the time is over. */
  private async readBack(point: Point, value: PointValue, expiresAtMs: number): Promise<void> {
    const { clock, pauses, sample } = this.given;
    const wanted = asRead(value, point.address);
    for (let attempt = 0; ; attempt++) {
      let found: string;
      try {
        const read = await this.readWith(point.address, this.withDeadline({ urgent: true, expiresAtMs }));
        sample(point.id, read.value, read.timeMs);
        if (read.value === wanted) return;
        found = `it reads ${String(read.value)}`;
      } catch (error) {
        if (isTandemError(error, 'FIELD_CLOSED')) throw error;
        found = messageOf(error);
      }
      const delayMs = READBACK_DELAYS_MS[attempt] ?? READBACK_DELAY_MAX_MS;
      if (clock.monotonicMs() + delayMs >= expiresAtMs) {
        throw new TandemError('FIELD_NOT_VERIFIED', `${String(value)} was written and ${found}`);
      }
      await pauses.wait(delayMs);
    }
  }

  private async readWith(address: ModbusAddress, options: Omit<LinkRequest, 'unit' | 'pdu'>): Promise<{ value: PointValue; timeMs: number }> {
    const { area, offset: start, count } = address;
    const answer = await requestPatiently(this.given.link, this.given.pauses, { unit: this.device.unit, pdu: readRequest(area, start, count), spare: this.spare, ...options });
    const value = valueIn({ area, start }, answer.pdu, address);
    if (value === undefined) throw new TandemError('FIELD_MALFORMED', `${formatAddress(address)} holds no finite ${address.type}`);
    return { value, timeMs: answer.timeMs };
  }

  private ask(pdu: Uint8Array, effect: Effect, codes?: readonly number[]) {
    return requestPatiently(this.given.link, this.given.pauses, { unit: this.device.unit, pdu, ...this.withDeadline(effect) }, codes);
  }

  /** One request may take the device's timeout, and never longer than what is left of the write. */
  private withDeadline<T extends { readonly expiresAtMs: number }>(options: T): T & { readonly timeoutMs: number } {
    const leftMs = options.expiresAtMs - this.given.clock.monotonicMs();
    return { ...options, timeoutMs: Math.max(1, Math.min(this.device.timeoutMs, leftMs)) };
  }
}

/** The bit as it travels. */
function maskOf({ bit = 0, byteOrder }: ModbusAddress): number {
  return 1 << (byteOrder === 'big' ? bit : bit ^ 8);
}

type Effect = Pick<LinkRequest, 'urgent' | 'permit'> & { readonly expiresAtMs: number };

/** The value as it will come back: rounded to what the registers can hold. */
function asRead(value: PointValue, address: ModbusAddress): PointValue | undefined {
  if (address.type === 'bool') return Number(value);
  return decodeRegisters(encodeRegisters(value, address), 0, address);
}
