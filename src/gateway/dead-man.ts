import { messageOf, type Clock, type Log, type OutboundRequest, type RedundancySettings, type SystemAlarm } from '../contract/index.js';

export interface DeadManOptions {
  /** Of the configuration in force. */
  readonly settings: () => RedundancySettings;
  /** Whether this node is active and may have effects now. */
  readonly permit: () => boolean;
  readonly pairTime: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly write: (point: string, value: number) => Promise<void>;
  /** Asks a server, and resolves with the status of its answer; absent where this node has no way to. */
  readonly ask: ((request: OutboundRequest) => Promise<number>) | undefined;
}

/** Failures in a row that are an alarm: one may be a glitch of the network. */
const ALARMING = 3;
/** The watchdog counts within what a signed register of 16 bits holds. */
const COUNTS = 30_000;

/** One thing that is said again and again while this node is active. */
interface Duty {
  dueMs: number;
  underWay: boolean;
  failures: number;
  reason: string;
}

const idle = (): Duty => ({ dueMs: 0, underWay: false, failures: 0, reason: '' });

/**
 * A dead man's handle (C10): while a node of the pair is active it counts up a register, so that a PLC falls back to local
 * control when nobody does any more, and tells a server, so that somebody is called when both nodes are gone.
 */
export class DeadMan {
  private readonly watchdog = idle();
  private readonly call = idle();

  constructor(private readonly options: DeadManOptions) {}

  /** Often enough; does what is due. */
  tick(): void {
    const { settings, permit, write, ask, pairTime } = this.options;
    const { watchdog, deadMan } = settings();
    // What was due while this node might not act is not made up for.
    if (!permit()) return;
    // The count is of the pair's time: the other node goes on with another one, whatever this one wrote last.
    if (watchdog !== undefined) this.perform(this.watchdog, watchdog.everyMs, 'watchdog', async () => write(watchdog.point, Math.floor(pairTime() / watchdog.everyMs) % COUNTS));
    if (deadMan === undefined) return;
    this.perform(this.call, deadMan.everyMs, 'dead man', async () => {
      if (ask === undefined) throw new RangeError('this node cannot ask servers');
      const status = await ask({ url: deadMan.url, method: deadMan.method, timeoutMs: Math.min(deadMan.everyMs, 10_000) });
      if (status >= 400) throw new RangeError(`the server answered with status ${status}`);
    });
  }

  alarms(): SystemAlarm[] {
    const { watchdog, deadMan } = this.options.settings();
    return [
      ...(watchdog !== undefined && this.watchdog.failures >= ALARMING ? [{ name: 'watchdog', priority: 2, message: `The watchdog ${watchdog.point} is not written: its PLC will fall back to local control. ${this.watchdog.reason}` }] : []),
      ...(deadMan !== undefined && this.call.failures >= ALARMING ? [{ name: 'dead-man', priority: 3, message: `The server that watches this pair is not reached: ${this.call.reason}` }] : []),
    ];
  }

  private perform(duty: Duty, everyMs: number, name: string, work: () => Promise<void>): void {
    const nowMs = this.options.clock.monotonicMs();
    if (duty.underWay || nowMs < duty.dueMs) return;
    duty.dueMs = nowMs + everyMs;
    duty.underWay = true;
    work().then(
      () => {
        duty.underWay = false;
        duty.failures = 0;
      },
      (error: unknown) => {
        duty.underWay = false;
        duty.failures += 1;
        duty.reason = messageOf(error);
        if (duty.failures === ALARMING) this.options.log.warn(`${name}: ${duty.reason}`);
      },
    );
  }
}
