import type { Frame, PointTable } from '../../../src/image/index.js';
import type { Operation } from '../../../simulators/disk/index.js';
import type { SimNode } from '../sim-node.js';
import type { SimWorld } from '../world.js';
import { logsOnDisk } from './disk-logs.js';
import type { Invariant } from './invariant.js';

/**
 * (f) "history holds every durably acknowledged sample, or a declared gap": a trend sample or log entry that was safe on
 * any disk is on both in the end, also where it was recorded apart and merged; and on that of a third node, which only reads,
 * as far as frames bring it: what is fetched page by page is in none (docs/redundancy.md).
 */
export class HistoryWhole implements Invariant {
  /** Frames that are not safe yet, by node and seq. */
  private readonly pending = new Map<string, Map<number, Frame>>();
  /** Times of samples, by point. */
  private readonly samples = new Map<string, Set<number>>();
  /** What the indices of each configuration mean. */
  private readonly tables = new Map<string, PointTable>();
  private readonly logs = new Set<string>();

  begun(_world: SimWorld, node: SimNode): void {
    this.pending.set(node.id, new Map());
  }

  frame(_world: SimWorld, node: SimNode, frame: Frame): void {
    const table = node.gateway?.state.table;
    if (table !== undefined) this.tables.set(table.revision, table);
    if (frame.snapshot === true || (frame.samples.length === 0 && frame.logs.length === 0)) return;
    this.pending.get(node.id)?.set(frame.seq, frame);
  }

  durable(_world: SimWorld, node: SimNode, operations: readonly Operation[]): void {
    const pending = this.pending.get(node.id);
    if (pending === undefined || pending.size === 0) return;
    for (const operation of operations) {
      const key = operation.key.toString('latin1');
      if (operation.type !== 'put' || !key.startsWith('j!')) continue;
      const seq = Number.parseInt(key.slice(2), 16);
      const frame = pending.get(seq);
      if (frame === undefined) continue;
      pending.delete(seq);
      for (const { id } of frame.logs) this.logs.add(id);
      for (let row = 0; row < frame.samples.length; row++) this.sample(this.tables.get(frame.revision)?.byId(frame.samples.points[row] as number).name ?? '', frame.samples.times[row] as number);
    }
  }

  async end(world: SimWorld): Promise<void> {
    for (const node of [...world.nodes, ...(world.reader === undefined || world.options.fetchesHistory === true ? [] : [world.reader])]) {
      const api = node.life?.api;
      if (api === undefined) continue;
      const there = new Set(logsOnDisk(node).map(({ id }) => id));
      const lost = [...this.logs].filter((id) => !there.has(id));
      if (lost.length > 0) world.wrong('f', `${lost.length} log entries that were on a disk are not on that of ${node.id}: ${lost.slice(0, 5).join(', ')}`);
      for (const [name, times] of this.samples) {
        const found = await api.history({ point: name, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER / 2, limit: 1_000_000 });
        const known = new Set(found.map(({ timeMs }) => timeMs));
        const missing = [...times].filter((timeMs) => !known.has(timeMs));
        if (missing.length > 0) world.wrong('f', `${missing.length} of ${times.size} samples of ${name} that were on a disk are not in the history of ${node.id}: ${missing.slice(0, 3).map((timeMs) => new Date(timeMs).toISOString()).join(', ')}`);
      }
    }
  }

  private sample(point: string, timeMs: number): void {
    let times = this.samples.get(point);
    if (times === undefined) this.samples.set(point, (times = new Set()));
    times.add(timeMs);
  }
}
