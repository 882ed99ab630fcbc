import { messageOf, type Clock, type Log, type RegisterState, type Role } from '../contract/index.js';
import type { PairOptions } from './pair-options.js';

/** What a register says: it counts up, and its two lowest bits are the role. It fits a signed register of 16 bits. */
const ROLES: readonly Role[] = ['starting', 'standby', 'active', 'yielding'];
const COUNTS = 8_192;

export interface RegistersOptions {
  readonly everyMs: number;
  /** Into this node's own register, in whatever role it is. */
  readonly write: (value: number) => Promise<void>;
  /** The other node's register, read from the PLC now. */
  readonly read: () => Promise<number>;
  readonly clock: Clock;
  readonly log: Log;
  readonly role: () => Role;
  /** The other node has counted on, and this is what it plays. */
  readonly onAlive: (role: Role) => void;
}

/**
 * Heartbeat registers in a PLC (R26): each node counts up in one of its own and looks at the other's. Their word is worth
 * what the second path's is: a register that moves is written by a node that lives, whatever the link says.
 */
export class Registers {
  private count = 0;
  private writing = false;
  private reading = false;
  private last: number | undefined;
  private movedMs: number | undefined;
  private answeredMs: number | undefined;
  private sinceMs: number;
  private lastError = '';

  constructor(private readonly options: RegistersOptions) {
    this.sinceMs = options.clock.monotonicMs();
  }

  beat(): void {
    void this.write();
    void this.look();
  }

  get state(): RegisterState {
    const { clock, everyMs } = this.options;
    const nowMs = clock.monotonicMs();
    const patienceMs = 3 * everyMs;
    if (nowMs - (this.answeredMs ?? this.sinceMs) > patienceMs) return 'unreachable';
    if (this.movedMs === undefined) return 'unknown';
    return nowMs - this.movedMs > patienceMs ? 'still' : 'moving';
  }

  private async write(): Promise<void> {
    if (this.writing) return;
    this.writing = true;
    this.count = (this.count + 1) % COUNTS;
    try {
      await this.options.write(this.count * ROLES.length + ROLES.indexOf(this.options.role()));
    } catch (error) {
      this.say(error);
    }
    this.writing = false;
  }

  private async look(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    const { read, clock, onAlive } = this.options;
    try {
      const value = await read();
      this.answeredMs = clock.monotonicMs();
      // What it says first may be years old.
      if (this.last !== undefined && value !== this.last) {
        this.movedMs = this.answeredMs;
        const role = ROLES[Math.abs(Math.trunc(value)) % ROLES.length];
        if (role !== undefined) onAlive(role);
      }
      this.last = value;
    } catch (error) {
      this.say(error);
    }
    this.reading = false;
  }

  private say(error: unknown): void {
    const text = messageOf(error);
    if (text !== this.lastError) this.options.log.warn(`heartbeat registers: ${text}`);
    this.lastError = text;
  }
}

/** Those of the settings in force; undefined where there are none, and on a node that is not of a pair of two. */
export function registersOf({ settings, registers, node, clock, log }: PairOptions, role: () => Role, onAlive: (role: Role) => void): Registers | undefined {
  if (settings.registers === undefined || registers === undefined || (node.mode !== 'main' && node.mode !== 'backup')) return undefined;
  return new Registers({ ...registers, everyMs: settings.registers.everyMs, clock, log: log.child('registers'), role, onAlive });
}
