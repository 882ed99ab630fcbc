/**
 * Registration as a foreign device with a BBMD on another subnet (ANSI/ASHRAE 135 annex J.5.2), renewed about
 * half-way: through it this node's Who-Is reaches that subnet, and its broadcasts reach this node.
 */
import type { Address, DriverHost, Timer } from '../../src/contract/index.js';
import type { Counters } from './counters.js';
import { encodeRegistration } from './npdu.js';

export interface Bbmd extends Address {
  /** Whole seconds, 1 … 65535. */
  readonly ttlS: number;
}

/** BVLC-Result codes (J.2.1): Register-Foreign-Device NAK, Distribute-Broadcast-To-Network NAK. */
const REFUSED = 0x30;
const NOT_REGISTERED = 0x60;
/** Until an answer is given up and the registration sent again. */
const SILENCE_MS = 5_000;
/** Between tries with a BBMD that refuses. */
const REFUSED_MS = 60_000;

export class ForeignRegistration {
  /** The last answer was "registered", and that has not run out. */
  registered = false;
  private timer: Timer | undefined;
  private told = false;

  constructor(
    private readonly host: Pick<DriverHost, 'timers' | 'random' | 'log'>,
    private readonly bbmd: Bbmd,
    private readonly counters: Counters,
    private readonly send: (data: Uint8Array) => void,
  ) {}

  start(): void {
    this.counters.count('registrations');
    this.send(encodeRegistration(this.bbmd.ttlS));
    this.again(SILENCE_MS, () => {
      this.counters.count('registrationTimeouts');
      this.registered = false; // said of us only; what the BBMD holds may still run
    });
  }

  /** A BVLC-Result; true if it is of our BBMD. */
  onResult(code: number, from: Address): boolean {
    if (from.host !== this.bbmd.host || from.port !== this.bbmd.port) return false;
    // It has forgotten this node, after a restart of its own: at once, or its subnet is not reached for half a lifetime.
    if (code === NOT_REGISTERED && this.registered) {
      this.registered = false;
      this.start();
      return true;
    }
    if (code !== 0 && code !== REFUSED) return true; // of something else than the registration
    this.registered = code === 0;
    if (!this.registered && !this.told) this.host.log.warn(`the BBMD at ${from.host}:${from.port} refuses this node as a foreign device (result ${code})`);
    this.told = !this.registered;
    this.again(this.registered ? this.bbmd.ttlS * 1_000 * (0.45 + 0.1 * this.host.random.next()) : REFUSED_MS);
    return true;
  }

  /** No renewal any more; what the BBMD holds runs out by itself. */
  stop(): void {
    this.timer?.cancel();
  }

  private again(delayMs: number, first?: () => void): void {
    this.timer?.cancel();
    this.timer = this.host.timers.after(delayMs, () => {
      first?.();
      this.start();
    });
  }
}
