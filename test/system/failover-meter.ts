import type { TandemClient } from '../../src/client-sdk/index.js';
import { type PairProcesses, until, type LedgerEntry } from './processes.js';
import type { TwoHosts } from './two-hosts.js';
import { arrivals, Writer } from './writer.js';

export interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface EventFigures {
  readonly cycles: number;
  readonly fieldWriteMs: Figures;
  readonly clientUpdateMs: Figures;
  readonly confirmed: number;
  readonly confirmedLost: number;
  readonly clientMissed: number;
  readonly clientRepeated: number;
  readonly clientResets: number;
  /** Longest pause between two writes at the device, and between two updates at the client, around the event. */
  readonly fieldGapMs?: Figures;
  readonly clientGapMs?: Figures;
}

interface Cycle {
  readonly fieldWriteMs: number;
  readonly clientUpdateMs: number;
  readonly fieldGapMs: number;
  readonly clientGapMs: number;
}

/**
 * Drives one pair through events while a client writes and watches, and measures from outside: writes where
 * they arrive, at the device, and updates where they are seen, at the client.
 */
export class FailoverMeter {
  private readonly cycles = new Map<string, Cycle[]>();
  private readonly watcher: TandemClient;
  private readonly writing: TandemClient;
  private readonly writer: Writer;
  /** Wall times at which the watching client got updates, with the node that they came from. */
  private updates: { timeMs: number; url: string }[] = [];
  private before = { repeated: 0, missed: 0, resets: 0 };

  /** `ledgerFrom`: what the device had been written before is no proof of anything. */
  private constructor(
    private readonly pair: PairProcesses,
    private readonly ledgerFrom: number,
  ) {
    this.watcher = pair.client(['*']);
    this.watcher.on('change', () => this.updates.push({ timeMs: Date.now(), url: this.watcher.activeUrl ?? '' }));
    this.watcher.start();
    this.writing = pair.client(['W*']);
    this.writing.start();
    this.writer = new Writer(this.writing);
  }

  static async start(pair: PairProcesses): Promise<FailoverMeter> {
    const meter = new FailoverMeter(pair, await pair.ledgerEnd());
    await until('the writer is confirmed', () => (meter.writer.confirmed.length > 3 && meter.watcher.state === 'live' ? true : undefined));
    meter.before = { ...meter.watcher.counters };
    return meter;
  }

  /** Kills the main as `kill -9` does, waits for the backup to act, starts the main again and waits for the hand-back. */
  async killCycle(): Promise<void> {
    await this.measure('kill', 'backup', () => this.pair.main.kill());
    await until('the main is dead', () => (this.pair.main.running ? undefined : true));
    await this.measure('recovery', 'main', () => this.pair.main.start());
    await this.pair.inSync('A');
  }

  /** Freezes the main as a hung machine, waits for the backup to act, lets the main go on and waits for the hand-back. */
  async freezeCycle(): Promise<void> {
    await this.measure('freeze', 'backup', () => this.pair.main.freeze());
    this.pair.main.thaw();
    await this.pair.inSync('A');
  }

  /** Pulls the main's cable, waits for the backup to act, plugs it in again and waits for the hand-back. */
  async cutCycle(hosts: TwoHosts): Promise<void> {
    await this.measure('linkCut', 'backup', () => hosts.cut('main'));
    hosts.heal('main');
    await this.pair.inSync('A');
  }

  /** Switches to the backup and back, as an operator would. */
  async switchCycle(): Promise<void> {
    for (const [to, id] of [['backup', 'B'], ['main', 'A']] as const) {
      await this.measure('switch', to, async () => this.pair.switchAt(to === 'backup' ? 'main' : 'backup'));
      await this.pair.inSync(id);
    }
  }

  async finish(): Promise<{ confirmed: number; lost: string[]; twice: string[]; refused: readonly string[] }> {
    await this.writer.stop();
    const { writes } = await this.pair.ledger(this.ledgerFrom);
    this.watcher.close();
    this.writing.close();
    return { confirmed: this.writer.confirmed.length, lost: this.writer.lost(writes), twice: writtenTwice(writes), refused: this.writer.refused };
  }

  /** What the counters have gained since the start: proof at the client that nothing was missed or told twice. */
  get clientCounts(): { missed: number; repeated: number; resets: number } {
    const { missed, repeated, resets } = this.watcher.counters;
    return { missed: missed - this.before.missed, repeated: repeated - this.before.repeated, resets: resets - this.before.resets };
  }

  figures(event: string, totals: { confirmed: number; lost: number }): EventFigures {
    const cycles = this.cycles.get(event) ?? [];
    const { missed, repeated, resets } = this.clientCounts;
    return {
      cycles: cycles.length,
      fieldWriteMs: figuresOf(cycles.map((cycle) => cycle.fieldWriteMs)),
      clientUpdateMs: figuresOf(cycles.map((cycle) => cycle.clientUpdateMs)),
      confirmed: totals.confirmed,
      confirmedLost: totals.lost,
      clientMissed: missed,
      clientRepeated: repeated,
      clientResets: resets,
      ...(event !== 'switch' && event !== 'recovery' ? {} : { fieldGapMs: figuresOf(cycles.map((cycle) => cycle.fieldGapMs)), clientGapMs: figuresOf(cycles.map((cycle) => cycle.clientGapMs)) }),
    };
  }

  /** Times from `cause` to the first write at the device and the first update at the client that come from node `to`. */
  private async measure(event: string, to: 'main' | 'backup', cause: () => void | Promise<void>): Promise<void> {
    const next = await this.pair.ledgerEnd();
    this.updates = this.updates.slice(-1);
    const startMs = Date.now();
    await cause();
    const from = this.pair.fieldAddress[to];
    const url = this.pair.urls[to === 'main' ? 0 : 1];
    let ledger: readonly LedgerEntry[] = [];
    const write = await until(`a write by the ${to} after ${event}`, async () => {
      ledger = (await this.pair.ledger(next)).writes;
      return ledger.find((entry) => entry.remote === from);
    }, 60_000, 50);
    const update = await until(`an update from the ${to} after ${event}`, () => this.updates.find((one) => one.timeMs >= startMs && one.url === url), 60_000);
    const cycle: Cycle = {
      fieldWriteMs: write.timeMs - startMs,
      clientUpdateMs: update.timeMs - startMs,
      fieldGapMs: write.timeMs - (ledger.filter((entry) => entry.remote !== from && entry.timeMs <= write.timeMs).at(-1)?.timeMs ?? startMs),
      clientGapMs: update.timeMs - (this.updates.filter((one) => one.url !== url && one.timeMs <= update.timeMs).at(-1)?.timeMs ?? startMs),
    };
    this.cycles.set(event, [...(this.cycles.get(event) ?? []), cycle]);
  }
}

/** Values that arrived at a register of the device more than once. */
function writtenTwice(writes: readonly LedgerEntry[]): string[] {
  const values = arrivals(writes);
  const seen = new Set<string>();
  return values.filter((value) => seen.size === seen.add(value).size);
}

/** Nearest-rank percentiles, in milliseconds. */
export function figuresOf(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number): number => Math.round((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN) * 10) / 10;
  return { p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}
