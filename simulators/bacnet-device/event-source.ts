/** Intrinsic reporting of one object: limits with deadband and delay, or states that are alarms (13.3.6, 13.3.2). */
import type { Timer, Timers } from '../../src/contract/index.js';
import { dateTimeOctets } from './local-time.js';
import type { Facet } from './modules.js';
import { faults, indexed, type VirtualObject } from './objects.js';
import { RAW, type WireValue } from './wire.js';

export interface AlarmOptions {
  /** Instance of the notification class. */
  readonly notificationClass: number;
  /** Of an analog object, out-of-range. */
  readonly high?: number;
  readonly low?: number;
  readonly deadband?: number;
  /** Of a binary or multi-state object, change-of-state: present values that are alarms. */
  readonly alarmValues?: readonly number[];
  readonly delayS?: number;
  /** ALARM 0 or EVENT 1. */
  readonly notifyType?: 0 | 1;
}

export const eventStates = { normal: 0, fault: 1, offnormal: 2, highLimit: 3, lowLimit: 4 } as const;

/** To-offnormal 0, to-fault 1, to-normal 2. */
export function transitionOf(state: number): 0 | 1 | 2 {
  return state === eventStates.normal ? 2 : state === eventStates.fault ? 1 : 0;
}

export interface Transition {
  readonly from: number;
  readonly to: number;
  readonly atMs: number;
}

export class EventSource implements Facet {
  state: number = eventStates.normal;
  readonly acked = [true, true, true];
  /** Local time of each transition, and to which state it was. */
  readonly stamps: (number | undefined)[] = [undefined, undefined, undefined];
  readonly reached: (number | undefined)[] = [undefined, undefined, undefined];
  readonly properties: readonly number[];
  high: number | undefined;
  low: number | undefined;
  private deadband: number;
  private pending: { readonly to: number; readonly timer: Timer } | undefined;

  constructor(
    readonly object: VirtualObject,
    readonly options: AlarmOptions,
    private readonly timers: Timers,
    private readonly localMs: () => number,
    private readonly changed: (source: EventSource, transition: Transition) => void,
  ) {
    ({ high: this.high, low: this.low, deadband: this.deadband = 0 } = options);
    this.properties = [0, 17, 35, 72, 113, 130, ...(options.alarmValues === undefined ? [25, 45, 52, 59] : [])];
  }

  get inAlarm(): boolean {
    return this.state !== eventStates.normal;
  }

  /** Looks at the object as it is now. */
  evaluate(): void {
    const to = this.wanted();
    if (to === this.pending?.to) return;
    this.pending?.timer.cancel();
    this.pending = undefined;
    if (to === this.state) return;
    const { delayS = 0 } = this.options;
    // A fault is told at once (13.2.2.1.4).
    if (delayS === 0 || to === eventStates.fault) this.go(to);
    else this.pending = { to, timer: this.timers.after(delayS * 1000, () => this.go(to)) };
  }

  stop(): void {
    this.pending?.timer.cancel();
  }

  stampOctets(transition: number): Buffer {
    return Buffer.concat([Buffer.from([0x2e]), dateTimeOctets(this.stamps[transition]), Buffer.from([0x2f])]);
  }

  read(property: number, index?: number): WireValue[] | undefined {
    const bits = (value: readonly boolean[]): WireValue[] => [{ tag: 8, value }];
    switch (property) {
      case 0: return bits(this.acked);
      case 17: return [{ tag: 2, value: this.options.notificationClass }];
      case 35: return bits([true, true, true]);
      case 36: return [{ tag: 9, value: this.state }];
      case 72: return [{ tag: 9, value: this.options.notifyType ?? 0 }];
      case 113: return [{ tag: 2, value: this.options.delayS ?? 0 }];
      case 130: return indexed([0, 1, 2].map((transition) => ({ tag: RAW, value: this.stampOctets(transition) })), index);
      default: return this.options.alarmValues === undefined ? this.readLimit(property) : undefined;
    }
  }

  write(property: number, value: WireValue): boolean {
    if (this.options.alarmValues !== undefined || ![25, 45, 59].includes(property)) return false;
    if (value.tag !== 4) throw faults.invalidDataType();
    if (property === 25) this.deadband = Number(value.value);
    else if (property === 45) this.high = Number(value.value);
    else this.low = Number(value.value);
    this.evaluate();
    return true;
  }

  private readLimit(property: number): WireValue[] | undefined {
    switch (property) {
      case 25: return [{ tag: 4, value: this.deadband }];
      case 45: return [{ tag: 4, value: this.high ?? 0 }];
      case 52: return [{ tag: 8, value: [this.low !== undefined, this.high !== undefined] }];
      case 59: return [{ tag: 4, value: this.low ?? 0 }];
      default: return undefined;
    }
  }

  private wanted(): number {
    if (this.object.fault) return eventStates.fault;
    const value = Number(this.object.presentValue);
    const { alarmValues } = this.options;
    if (alarmValues !== undefined) return alarmValues.includes(value) ? eventStates.offnormal : eventStates.normal;
    if (this.high !== undefined && value > (this.state === eventStates.highLimit ? this.high - this.deadband : this.high)) return eventStates.highLimit;
    if (this.low !== undefined && value < (this.state === eventStates.lowLimit ? this.low + this.deadband : this.low)) return eventStates.lowLimit;
    return eventStates.normal;
  }

  private go(to: number): void {
    this.pending = undefined;
    const transition = { from: this.state, to, atMs: this.localMs() };
    this.state = to;
    this.stamps[transitionOf(to)] = transition.atMs;
    this.reached[transitionOf(to)] = to;
    this.changed(this, transition);
  }
}
