import { messageOf, TandemError, type DrillReport } from '../contract/index.js';
import type { Json, LogEntry } from '../image/index.js';
import type { PairParts } from './pair-parts.js';
import { switchRefusal } from './role-machine.js';

/** Keyed state: the drill that runs, or the report of the last one. */
export const DRILL_KEY = 'redundancy/drill';
/** Kind of the journal entries that a drill writes to see whether any is lost. */
const PROBE = 'drill';

/** A drill that is not over after so many times `failoverTime`, and this much for what the disks take, has failed. */
const PATIENCE = 20;
const PATIENCE_MS = 60_000;
const MOST_PROBES = 2_000;

/**
 * Unattended switch-and-back (R35). What it does is replicated, so that either node goes on where the other one left
 * off: `away` control is to go to the other node, `back` to return to `home`, then the report.
 */
export class Drill {
  private confirmed = 0;
  private confirmedOf = '';
  private busy = false;

  constructor(
    private readonly parts: PairParts,
    private readonly everyMs: () => number,
    private readonly logs: (kind: string, limit: number) => Promise<readonly LogEntry[]>,
  ) {}

  get report(): DrillReport | undefined {
    return readReport(this.parts.options.state.keyed.get(DRILL_KEY));
  }

  get isRunning(): boolean {
    const { report } = this;
    return report?.phase === 'away' || report?.phase === 'back';
  }

  /** @throws SWITCH_REFUSED, NOT_ACTIVE */
  async start(by: string): Promise<void> {
    const { options, role, step, sync } = this.parts;
    if (role().role !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: ask the other one');
    const refusal = this.isRunning ? 'a drill is running' : role().held ? 'automatic switching is held' : switchRefusal(role());
    if (refusal !== undefined) throw new TandemError('SWITCH_REFUSED', `no drill: ${refusal}`);
    const startedMs = Math.round(options.pairClock.now());
    const seq = this.put({ id: `${options.node.id}-${startedMs}`, by, home: options.node.id, phase: 'away', startedMs, gapsMs: [], probes: {} }, 'drill begins', `by ${by}`);
    await sync.confirm(seq);
    step({ kind: 'switch', by: `drill by ${by}` });
  }

  /** Called before control is given away: from now on nothing is written to the field. */
  leaving(): void {
    const { report } = this;
    if (report !== undefined && this.isRunning) this.put({ ...report, leftMs: Math.round(this.parts.options.pairClock.now()) });
  }

  /** Every ping period. */
  beat(): void {
    const { role, run } = this.parts;
    if (role().role !== 'active' || role().promoting || this.busy) return;
    const { report } = this;
    if (report === undefined || !this.isRunning) {
      if (this.isDue(report)) run(this.guarded(async () => this.start('schedule')));
      return;
    }
    run(this.guarded(async () => this.goOn(report)));
  }

  private isDue(last: DrillReport | undefined): boolean {
    const { role, options } = this.parts;
    const everyMs = this.everyMs();
    if (everyMs === 0 || role().held || switchRefusal(role()) !== undefined) return false;
    return last?.endedMs === undefined || options.pairClock.now() - last.endedMs >= everyMs;
  }

  private async goOn(before: DrillReport): Promise<void> {
    const { options, role, step } = this.parts;
    const now = Math.round(options.pairClock.now());
    const own = options.node.id;
    const limitMs = PATIENCE * options.settings.failoverTimeMs + PATIENCE_MS;
    if (now - before.startedMs > limitMs) { this.fail(before, `not over after ${limitMs} ms`); return; }
    // Arrived: the gap is from the moment in which the other one let go.
    const report = before.leftMs === undefined || before.leftBy === own ? before : without({ ...before, gapsMs: [...before.gapsMs, now - before.leftMs] });
    await this.probe(report);
    if (role().handover !== undefined || role().role !== 'active') return;
    const isHome = report.home === own;
    if (isHome && report.phase === 'away' && now - report.startedMs > 3 * options.settings.failoverTimeMs) { this.fail(report, 'control was not handed over'); return; }
    if (!role().inSync || switchRefusal(role()) !== undefined) return;
    if (!isHome && report.phase === 'away' && (report.probes[own]?.written ?? 0) > 4) {
      this.put({ ...this.latest(report), phase: 'back' });
      step({ kind: 'switch', by: 'drill, back' });
    } else if (isHome && report.phase === 'back') await this.finish(this.latest(report));
  }

  /** One more record of this node, and how many of them were confirmed. */
  private async probe(report: DrillReport): Promise<void> {
    const { options, sync } = this.parts;
    const own = options.node.id;
    if (this.confirmedOf !== report.id) [this.confirmed, this.confirmedOf] = [0, report.id];
    const written = (report.probes[own]?.written ?? 0) + 1;
    if (written > MOST_PROBES) return;
    const next: DrillReport = { ...report, probes: { ...report.probes, [own]: { written, confirmed: this.confirmed } } };
    const seq = options.publisher.record([{ key: DRILL_KEY, value: next as unknown as Json }], [{ kind: PROBE, data: { drill: report.id, node: own, n: written } }]);
    if ((await sync.confirm(seq)) === 'protected') this.confirmed = written;
  }

  private async finish(report: DrillReport): Promise<void> {
    const entries = await this.logs(PROBE, 2 * MOST_PROBES + 100);
    const seen = new Map<string, number>();
    for (const { data } of entries) {
      const probe = data as { drill?: string; node?: string; n?: number };
      if (probe.drill === report.id) seen.set(`${probe.node ?? ''}/${probe.n ?? 0}`, (seen.get(`${probe.node ?? ''}/${probe.n ?? 0}`) ?? 0) + 1);
    }
    const own = this.parts.options.node.id;
    const probes = { ...report.probes, [own]: { written: report.probes[own]?.written ?? 0, confirmed: this.confirmed } };
    let lost = 0;
    for (const [node, { confirmed }] of Object.entries(probes)) {
      for (let n = 1; n <= confirmed; n++) if (!seen.has(`${node}/${n}`)) lost += 1;
    }
    const repeated = [...seen.values()].filter((count) => count > 1).length;
    const endedMs = Math.round(this.parts.options.pairClock.now());
    this.put({ ...report, probes, phase: 'done', endedMs, lost, repeated }, 'drill over', `gaps ${report.gapsMs.map((ms) => `${ms} ms`).join(' and ')}, ${seen.size} records, ${lost} lost, ${repeated} repeated`);
  }

  private fail(report: DrillReport, reason: string): void {
    this.put({ ...report, phase: 'failed', endedMs: Math.round(this.parts.options.pairClock.now()), reason }, 'drill failed', reason);
  }

  private latest(report: DrillReport): DrillReport {
    return this.report ?? report;
  }

  private put(report: DrillReport, what?: string, evidence = ''): number {
    const { options, note } = this.parts;
    if (what !== undefined) note(what, evidence);
    return options.publisher.record([{ key: DRILL_KEY, value: { ...report, ...(report.leftMs === undefined ? {} : { leftBy: options.node.id }) } }]);
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await work();
    } catch (error) {
      this.parts.options.log.warn(`drill: ${messageOf(error)}`);
    } finally {
      this.busy = false;
    }
  }
}

function without(report: DrillReport): DrillReport {
  return Object.fromEntries(Object.entries(report).filter(([key]) => key !== 'leftMs' && key !== 'leftBy')) as unknown as DrillReport;
}

function readReport(stored: Json | undefined): DrillReport | undefined {
  return stored === undefined || stored === null ? undefined : (stored as unknown as DrillReport);
}
