/** WriteProperty at a priority, and its proof (ANSI/ASHRAE 135 clauses 15.9 and 19.2). */
import { TandemError, type DriverHost, type DriverPoint, type WriteRequest } from '../../src/contract/index.js';
import { ConfirmedService } from './apdu.js';
import type { BacnetAddress, BacnetDevice } from './config.js';
import type { Contact } from './contact.js';
import { Property } from './object-types.js';
import { toBacnetValue } from './point-value.js';
import { NO_PRIORITY_ARRAY, refusalOf } from './refusal.js';
import { encodeWriteProperty } from './services.js';
import type { BacnetValue } from './values.js';

/** A device may answer a write before it has carried it out. */
const READ_BACKS = 3;
const READ_BACK_PAUSE_MS = 250;

export class Writer {
  /** Points of objects that may be commandable, and are not. */
  private readonly withoutArray = new Set<number>();

  constructor(private readonly host: DriverHost, private readonly device: BacnetDevice, private readonly contact: Contact) {}

  async write(point: DriverPoint<BacnetAddress>, request: WriteRequest): Promise<void> {
    const { address } = point;
    if (!(request.priority >= 1 && request.priority <= 16)) throw new TandemError('VALUE_INVALID', `${request.priority} is no BACnet priority (1 … 16)`);
    // NULL means "relinquish" and nothing else; an object without slots has nothing to give up.
    if (request.value === null && address.commandable === 'never') throw new TandemError('VALUE_INVALID', `${point.name} has no priority array to relinquish`);
    const value: BacnetValue = request.value === null ? { type: 'null' } : toBacnetValue(address.encoding, request.value);
    const deadline = this.host.clock.monotonicMs() + request.timeoutMs;
    await this.within(this.contact.find(), deadline);
    const priority = address.commandable === 'never' ? undefined : request.priority;
    await this.contact.request(ConfirmedService.writeProperty, encodeWriteProperty(address, value, priority), {
      urgent: true,
      permit: request.permit,
      totalMs: this.left(deadline),
    });
    if (point.write?.verify === 'readback') await this.verify(point, value, request.priority, deadline);
  }

  private async verify(point: DriverPoint<BacnetAddress>, written: BacnetValue, priority: number, deadline: number): Promise<void> {
    let found = 'nothing';
    for (let attempt = 1; attempt <= READ_BACKS; attempt++) {
      try {
        const [value] = await this.readBack(point, priority, deadline);
        if (value !== undefined && sameValue(value, written)) return;
        found = value === undefined ? 'nothing' : JSON.stringify(value);
      } catch (cause) {
        throw new TandemError('FIELD_NOT_VERIFIED', `${point.name} was written, but could not be read back`, { cause });
      }
      if (this.left(deadline) < 2 * READ_BACK_PAUSE_MS) break;
      await new Promise<void>((resolve) => this.host.timers.after(READ_BACK_PAUSE_MS, resolve));
    }
    throw new TandemError('FIELD_NOT_VERIFIED', `${point.name} was written ${JSON.stringify(written)}, but reads ${found}`);
  }

  /** The slot of a commandable object: its present value may be another's of higher priority. */
  private async readBack(point: DriverPoint<BacnetAddress>, priority: number, deadline: number): Promise<readonly BacnetValue[]> {
    const { address } = point;
    const options = { urgent: true, totalMs: this.left(deadline) };
    if (address.commandable !== 'never' && !this.withoutArray.has(point.id)) {
      try {
        return await this.contact.readProperty({ object: address.object, property: Property.priorityArray, index: priority }, options);
      } catch (error) {
        const refusal = refusalOf(error);
        if (address.commandable === 'always' || refusal?.kind !== 'error' || !NO_PRIORITY_ARRAY.includes(refusal.errorCode)) throw error;
        this.withoutArray.add(point.id);
      }
    }
    return this.contact.readProperty({ object: address.object, property: address.property }, options);
  }

  private left(deadline: number): number {
    return Math.max(1, deadline - this.host.clock.monotonicMs());
  }

  /** Rejects with FIELD_TIMEOUT at the deadline; nothing is sent after that. */
  private within<T>(promise: Promise<T>, deadline: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = this.host.timers.after(this.left(deadline), () => reject(new TandemError('FIELD_TIMEOUT', `device ${this.device.instance} could not be reached in time; nothing was written`)));
      promise.then(resolve, reject).finally(() => timer.cancel());
    });
  }
}

function sameValue(a: BacnetValue, b: BacnetValue): boolean {
  if (a.type !== b.type) return false;
  return 'value' in a && 'value' in b ? a.value === b.value : true;
}
