import { TandemClient, TandemClientError } from '../../src/client-sdk/index.js';
import type { WireLog } from '../../src/contract/index.js';
import type { SeededRandom } from '../../simulators/virtual-time/index.js';
import { ADDRESSES, TOKEN, WRITABLE } from './site.js';
import { simulatedWebSocket } from './sockets.js';
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

/** A screen that shows everything and an operator at it, at work: the real client library on the simulated network. */
export class SimClient {
  readonly client: TandemClient;
  readonly confirmed: Confirmed[] = [];
  /** How requests ended that were not confirmed, by code. */
  readonly refused = new Map<string, number>();
  /** Log entries that it was shown, with how often. */
  readonly seenLogs = new Map<string, number>();
  /** Where what it was told without a gap began: the position of its last snapshot. */
  sinceSeq = 0;
  private readonly random: SeededRandom;
  private ids = 0;
  private working = true;

  constructor(
    private readonly world: SimWorld,
    private readonly number: number,
  ) {
    this.random = world.random.fork(`client ${number}`);
    const machine = world.time.node();
    const host = world.net.host(ADDRESSES.client.replace(/1$/, String(number)), machine);
    const ids = this.random.fork('ids');
    this.client = new TandemClient({
      urls: [`http://${ADDRESSES.A}:8080`, `http://${ADDRESSES.B}:8080`],
      points: ['*'],
      token: TOKEN,
      webSocket: simulatedWebSocket(host),
      now: () => machine.monotonicMs(),
      timers: machine,
      random: () => this.random.next(),
      newId: () => `c${number}-${++this.ids}-${ids.hex(4)}`,
    });
    this.client.on('snapshot', ({ position }) => {
      this.sinceSeq = position.seq;
      this.seenLogs.clear();
    });
    this.client.on('log', (log) => this.onLog(log));
    this.client.on('problem', ({ code, message }) => world.wrong('h', `client ${number}: ${code}: ${message}`));
    this.client.on('state', (state) => world.say(`client${number}`, `is ${state}`));
  }

  start(): void {
    this.client.start();
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

  private onLog(log: WireLog): void {
    const times = (this.seenLogs.get(log.id) ?? 0) + 1;
    this.seenLogs.set(log.id, times);
    if (times > 1) this.world.wrong('h', `client ${this.number} was shown record ${log.id} (${log.kind}) ${times} times`);
  }
}
