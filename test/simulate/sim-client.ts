import { TandemClientError } from '../../src/client-sdk/index.js';
import { SimScreen } from './sim-screen.js';
import { ADDRESSES, WRITABLE } from './site.js';
import type { SimWorld } from './world.js';

/** Something that a client was told is done. */
export interface Confirmed {
  readonly what: 'command' | 'acknowledgement';
  readonly id: string;
  readonly atMs: number;
  readonly held: 'protected' | 'unprotected';
  /** Of a command. */
  readonly value: number;
  readonly point: string;
  /** Of an acknowledgement. */
  readonly alarm: string;
  readonly occurrence: number;
}

const WORK_MS = 700;

/** A screen that shows everything and an operator at it, at work. */
export class SimClient extends SimScreen {
  readonly confirmed: Confirmed[] = [];
  /** How requests ended that were not confirmed, by code. */
  readonly refused = new Map<string, number>();
  private working = true;

  constructor(world: SimWorld, number: number) {
    super(world, { who: `client ${number}`, address: ADDRESSES.client.replace(/1$/, String(number)), ids: `c${number}`, nodes: ['A', 'B'], readFrom: 'active' });
  }

  override start(): void {
    super.start();
    this.world.time.every(WORK_MS, () => {
      if (this.working) this.work();
    });
  }

  /** Asks for nothing any more. */
  rest(): void {
    this.working = false;
  }

  write(point: string, value = this.world.nextValue()): Promise<string> {
    this.world.commanded(point, value);
    return this.client.write(point, value).then(
      ({ held, id }) => {
        this.confirm({ what: 'command', id, held, value, point, alarm: '', occurrence: 0, atMs: this.world.time.monotonicMs() });
        return held;
      },
      (error: unknown) => this.fail(error),
    );
  }

  acknowledge(alarm: string): Promise<string> {
    const occurrence = this.client.alarms.get(alarm)?.occurrence ?? 0;
    return this.client.acknowledge(alarm).then(
      ({ held, id }) => {
        this.confirm({ what: 'acknowledgement', id, held, value: 0, point: '', alarm, occurrence, atMs: this.world.time.monotonicMs() });
        return held;
      },
      (error: unknown) => this.fail(error),
    );
  }

  private work(): void {
    if (this.random.next() < 0.5) void this.write(WRITABLE[this.random.below(WRITABLE.length)] ?? 'Sp1');
    if (this.random.next() < 0.3) {
      const open = [...this.client.alarms.values()].filter(({ state }) => state === 'unacknowledged' || state === 'returned-unacknowledged');
      const alarm = open[this.random.below(Math.max(1, open.length))];
      if (alarm !== undefined) void this.acknowledge(alarm.name);
    }
  }

  private confirm(confirmed: Confirmed): void {
    this.confirmed.push(confirmed);
    this.world.confirmed(confirmed);
  }

  private fail(error: unknown): string {
    if (!(error instanceof TandemClientError)) throw error;
    this.refused.set(error.code, (this.refused.get(error.code) ?? 0) + 1);
    return error.code;
  }
}
