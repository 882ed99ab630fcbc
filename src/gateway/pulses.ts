import { messageOf, type Log, type PointDefinition, type PointValue, type Role, type Timer, type Timers } from '../contract/index.js';
import type { Json, PairState, Publisher, Put } from '../image/index.js';

export interface PulsesOptions {
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly timers: Timers;
  readonly log: Log;
  readonly role: () => Role;
  readonly pairTime: () => number;
  /** Rejects where this node may not act, or the device does not take it. */
  readonly write: (point: string, value: PointValue | null, priority: number) => Promise<void>;
  /** How long a write may be on its way, by point. */
  readonly writeTimeoutMs: (point: string) => number;
  /** Whether a point is commanded by priorities: its pulse ends by giving its slot up. */
  readonly hasPriorities: (point: PointDefinition) => boolean;
}

/** A pulse that has begun, or may have, as both nodes hold it under `pulse/<point>` of the keyed state. */
interface OpenPulse {
  /** Pair time at which its end is to be written, milliseconds since 1970. */
  readonly endMs: number;
  readonly priority: number;
}

const PULSES = 'pulse/';
/** An end that its device did not take is written again after this. */
const AGAIN_MS = 1_000;

/**
 * Ends pulses (`pulse: 500ms`). The end of each is on both nodes before the device sees its beginning, so whichever node is active then
 * writes it, and writes it again until the device takes it: an output that should have been on for a moment never stays.
 */
export class Pulses {
  private timer: Timer | undefined;
  /** When it goes off. */
  private timerMs = Infinity;
  private readonly ending = new Set<string>();
  private readonly failed = new Set<string>();

  constructor(private readonly options: PulsesOptions) {}

  /** What goes into the frame of a command's intent: its end, counted from when the write can no longer be on its way. */
  begins(point: PointDefinition, value: PointValue | null, priority: number): readonly Put[] {
    const ms = point.write?.pulseMs;
    if (ms === undefined || isRest(value)) return [];
    const { pairTime, writeTimeoutMs } = this.options;
    const endMs = pairTime() + writeTimeoutMs(point.name) + ms;
    this.arm(endMs);
    return [put(point.name, { endMs, priority })];
  }

  /** The device has taken the value: from here on the pulse counts, whatever proves it later. */
  written(name: string, value: PointValue | null, priority: number): void {
    const { state, publisher, pairTime, role } = this.options;
    const ms = state.table.find(name)?.write?.pulseMs;
    // A node that gives up its role leaves the later end that was recorded with the intent.
    if (ms === undefined || role() !== 'active') return;
    if (isRest(value)) {
      if (state.keyed.get(PULSES + name) !== undefined) publisher.record([put(name, null)]);
      return;
    }
    const endMs = pairTime() + ms;
    publisher.record([put(name, { endMs, priority })]);
    this.arm(endMs);
  }

  /** Goes on with what the other node had begun. Call when the role is active. */
  takeOver(): void {
    this.failed.clear();
    this.look();
  }

  stop(): void {
    this.timer?.cancel();
  }

  /** Ends what is due, and sees to it that it looks again when the next one is. */
  private look(): void {
    const { state, role, pairTime } = this.options;
    this.timer?.cancel();
    this.timerMs = Infinity;
    if (role() !== 'active') return;
    let nextMs = Infinity;
    for (const [key, json] of [...state.keyed.entries(PULSES)]) {
      const name = key.slice(PULSES.length);
      const pulse = json as unknown as OpenPulse;
      if (this.ending.has(name)) continue;
      if (pulse.endMs > pairTime()) nextMs = Math.min(nextMs, pulse.endMs);
      else void this.end(name, pulse);
    }
    this.arm(nextMs);
  }

  private arm(endMs: number): void {
    if (endMs >= this.timerMs) return;
    const { timers, pairTime } = this.options;
    this.timer?.cancel();
    this.timerMs = endMs;
    this.timer = timers.after(Math.max(1, endMs - pairTime()), () => this.look());
  }

  private async end(name: string, pulse: OpenPulse): Promise<void> {
    const { state, publisher, pairTime, role, log, timers, write, hasPriorities } = this.options;
    const point = state.table.find(name);
    const value = point !== undefined && hasPriorities(point) ? null : 0;
    this.ending.add(name);
    try {
      // Another configuration may know no such point, or not let it be written: nobody can end it then.
      if (point?.write !== undefined) await write(name, value, pulse.priority);
      this.failed.delete(name);
      const present = state.keyed.get(PULSES + name) as unknown as OpenPulse | undefined;
      // A pulse that was begun anew meanwhile has an end of its own.
      if (role() === 'active' && present?.endMs === pulse.endMs) {
        publisher.record([put(name, null)], [{ kind: 'audit', data: { point: name, value, priority: pulse.priority, by: 'end of the pulse', state: 'done', timeMs: pairTime(), id: `${PULSES}${name}/${pulse.endMs}` } }]);
      }
    } catch (error) {
      if (role() === 'active' && !this.failed.has(name)) log.warn(`the end of the pulse of ${name} cannot be written, and is tried again: ${messageOf(error)}`);
      this.failed.add(name);
      await new Promise<void>((resolve) => void timers.after(AGAIN_MS, resolve));
    } finally {
      this.ending.delete(name);
      this.look();
    }
  }
}

function isRest(value: PointValue | null): boolean {
  return value === null || Number(value) === 0;
}

function put(name: string, pulse: OpenPulse | null): Put {
  return { key: PULSES + name, value: pulse as unknown as Json };
}
