import { messageOf, TandemError, type Log, type PointAction, type PointDefinition, type PointHold, type Role } from '../contract/index.js';
import type { Confirmation } from '../clients/index.js';
import { holdPut, HOLDS_PREFIX, readHold, UNTIL_PREFIX, type PointHolds, type VirtualPoints } from '../functions/index.js';
import type { PairState, Publisher } from '../image/index.js';
import type { Commands } from './commands.js';

export interface PointControlOptions {
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly commands: Pick<Commands, 'write'>;
  readonly holds: PointHolds;
  readonly virtual: () => VirtualPoints;
  readonly role: () => Role;
  readonly pairTime: () => number;
  readonly confirm: (seq: number) => Promise<Confirmation['held']>;
  readonly log: Log;
}

const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 60_000;

interface Attempt {
  readonly isRunning: boolean;
  readonly count: number;
  /** Pair time of the next one. */
  readonly notBeforeMs: number;
}

/**
 * What people do to points beside writing them, and the ends of it: overrides of what cannot be commanded, points out of
 * service, and slots whose time has come. Ends are points in pair time, on both nodes: whoever is active then sees to them.
 */
export class PointControl {
  private readonly attempts = new Map<string, Attempt>();
  private activation = 0;

  constructor(private readonly options: PointControlOptions) {}

  /** A new activation, or another configuration. */
  begin(): void {
    this.activation += 1;
    this.attempts.clear();
    this.options.holds.load();
    this.options.virtual().touchAll();
  }

  /** Rejects with NOT_ACTIVE, POINT_UNKNOWN, POINT_COMMANDABLE. */
  async act(action: PointAction, by: string): Promise<Confirmation> {
    const { state, pairTime, confirm, holds } = this.options;
    this.mustBeActive();
    const point = state.table.find(action.point);
    if (point === undefined) throw new TandemError('POINT_UNKNOWN', `there is no point ${action.point}`);
    const nowMs = pairTime();
    if (action.kind === 'release' || action.kind === 'return-to-service') {
      const kind = action.kind === 'release' ? 'override' : 'out-of-service';
      if (readHold(state.keyed, point.name)?.kind !== kind) return { held: await confirm(state.position.seq) };
      return { held: await confirm(this.end(point, action.kind, by)) };
    }
    const { kind: what, reason, forMs } = action;
    if (what === 'override' && point.write !== undefined) throw new TandemError('POINT_COMMANDABLE', `${point.name} can be commanded: override it at a priority`);
    const value = what === 'override' ? action.value : undefined;
    const kind = what === 'override' ? 'override' : 'out-of-service';
    const hold: PointHold = { kind, by, sinceMs: nowMs, reason, ...(forMs === undefined ? {} : { untilMs: nowMs + forMs }) };
    holds.begin(point, kind, value, nowMs);
    return { held: await confirm(this.record(point, hold, what, by, value)) };
  }

  /** Ends what has come to its end. Call it often. */
  tick(): void {
    const { state, pairTime, role } = this.options;
    if (role() !== 'active') return;
    const nowMs = pairTime();
    for (const [key, value] of [...state.keyed.entries(HOLDS_PREFIX)]) {
      const { untilMs, kind } = value as unknown as PointHold;
      if (untilMs === undefined || untilMs > nowMs) continue;
      const point = state.table.find(key.slice(HOLDS_PREFIX.length));
      if (point !== undefined) this.end(point, kind === 'override' ? 'release' : 'return-to-service', 'expiry');
      else this.options.publisher.record([{ key, value: null }]);
    }
    for (const [key, untilMs] of state.keyed.entries(UNTIL_PREFIX)) if (typeof untilMs === 'number' && untilMs <= nowMs) this.giveUp(key, untilMs, nowMs);
  }

  /** What waits for its next try waits no longer. */
  deviceIsBack(device: string): void {
    for (const [key, attempt] of this.attempts) {
      const point = key.slice(UNTIL_PREFIX.length);
      if (!attempt.isRunning && this.options.state.table.find(point.slice(point.indexOf('/') + 1))?.device === device) this.attempts.set(key, { ...attempt, notBeforeMs: 0 });
    }
  }

  /** Again and again until the device has what is in force then. */
  private giveUp(key: string, untilMs: number, nowMs: number): void {
    const before = this.attempts.get(key);
    if (before !== undefined && (before.isRunning || before.notBeforeMs > nowMs)) return;
    const count = (before?.count ?? 0) + 1;
    this.attempts.set(key, { isRunning: true, count, notBeforeMs: nowMs });
    const path = key.slice(UNTIL_PREFIX.length);
    const slash = path.indexOf('/');
    const [priority, point] = [Number(path.slice(0, slash)), path.slice(slash + 1)];
    const { commands, state, publisher, pairTime, log } = this.options;
    if (state.table.find(point) === undefined) {
      publisher.record([{ key, value: null }, { key: `slots/${point}`, value: null }]);
      return;
    }
    const { activation } = this;
    const epoch = state.position.epoch.number;
    commands.write({ id: `expiry/${path}/${untilMs}/${epoch}.${count}`, point, value: null, priority, by: 'expiry', epoch, expiryOf: untilMs }).then(
      () => {
        if (this.activation === activation) this.attempts.delete(key);
      },
      (error: unknown) => {
        if (this.activation !== activation) return;
        this.attempts.set(key, { isRunning: false, count, notBeforeMs: pairTime() + Math.min(FIRST_RETRY_MS * 2 ** (count - 1), LONGEST_RETRY_MS) });
        if (count === 1) log.warn(`the end of a command to ${point} at priority ${priority}: ${messageOf(error)}`);
      },
    );
  }

  private end(point: PointDefinition, what: 'release' | 'return-to-service', by: string): number {
    this.options.holds.end(point, this.options.pairTime());
    this.options.virtual().touch(point.id);
    return this.record(point, null, what, by, undefined);
  }

  private record(point: PointDefinition, hold: PointHold | null, what: string, by: string, value: unknown): number {
    const data = { what: `point-${what}`, name: point.name, by, timeMs: this.options.pairTime(), ...(hold?.untilMs === undefined ? {} : { untilMs: hold.untilMs }), ...(hold?.reason === undefined ? {} : { reason: hold.reason }), ...(value === undefined ? {} : { value: typeof value === 'bigint' ? value.toString() : (value as number | string) }) };
    return this.options.publisher.record([holdPut(point.name, hold)], [{ kind: 'audit', data }]);
  }

  private mustBeActive(): void {
    if (this.options.role() !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: ask the other one');
  }
}
