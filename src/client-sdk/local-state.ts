import type { ServerMessage, WireAlarm, WireLog, WirePosition, WireRow } from '../contract/client-protocol.js';
import type { Epoch } from '../contract/position.js';
import type { ClientCounters, ClientPoint } from './types.js';

type Snapshot = Extract<ServerMessage, { type: 'snapshot' }>;
type Changes = Extract<ServerMessage, { type: 'changes' }>;

export interface Applied {
  readonly points: readonly ClientPoint[];
  readonly alarms: readonly WireAlarm[];
  readonly logs: readonly WireLog[];
}

/** More than a resume can bring twice. */
const REMEMBERED_LOGS = 10_000;

/** What the client holds, and the proof that nothing was missed or repeated. */
export class LocalState {
  readonly points = new Map<string, ClientPoint>();
  readonly alarms = new Map<string, WireAlarm>();
  readonly counters: ClientCounters = { rows: 0, repeated: 0, missed: 0, snapshots: 0, resets: 0, resumes: 0 };
  /** Everything up to here has been told; undefined before the first snapshot. */
  position: WirePosition | undefined;
  private readonly names: string[] = [];
  /** Ids of the latest log entries, each with the snapshot after which it was told. */
  private readonly seen = new Map<string, number>();

  snapshot(message: Snapshot): void {
    this.counters.snapshots++;
    if (message.reset) this.counters.resets++;
    this.points.clear();
    this.alarms.clear();
    this.names.length = 0;
    for (const point of message.points) {
      this.names[point.index] = point.name;
      this.points.set(point.name, { ...point, value: null, quality: 0xc1, timeMs: 0, seq: 0 });
    }
    for (const row of message.values) this.set(row);
    for (const alarm of message.alarms) this.setAlarm(alarm);
    this.position = message.position;
  }

  changes(message: Changes): Applied {
    const before = this.position?.seq ?? 0;
    const points: ClientPoint[] = [];
    for (const row of message.values) {
      const [index, , , , seq] = row;
      const held = this.points.get(this.names[index] ?? '');
      if (held === undefined) continue;
      if (seq <= held.seq) {
        // What is held is newer: taking this would go back in time.
        this.counters.repeated++;
        continue;
      }
      if (seq <= before) this.counters.missed++;
      this.counters.rows++;
      points.push(this.set(row) ?? held);
    }
    const logs = (message.logs ?? []).filter((log) => {
      // By its id, and not by its frame: what the other node recorded apart comes late, with the numbers of that time.
      const told = this.seen.get(log.id);
      if (told === undefined) this.remember(log.id);
      // What a node told that was apart comes again with the merge: the pair does not know who has heard it from that node.
      else if (told === this.counters.snapshots) this.counters.repeated++;
      return told === undefined;
    });
    const alarms = message.alarms ?? [];
    for (const alarm of alarms) this.setAlarm(alarm);
    if (message.resumed === true) this.counters.resumes++;
    this.advance(message.epoch, message.seq);
    return { points, alarms, logs };
  }

  private remember(id: string): void {
    this.seen.set(id, this.counters.snapshots);
    const [oldest] = this.seen.keys();
    if (this.seen.size > REMEMBERED_LOGS && oldest !== undefined) this.seen.delete(oldest);
  }

  /** Everything up to `seq` has been told, be it only that nothing changed. */
  advance(epoch: Epoch, seq: number): void {
    if (this.position !== undefined && seq > this.position.seq) this.position = { ...this.position, epoch, seq };
  }

  private set(row: WireRow): ClientPoint | undefined {
    const [index, value, quality, timeMs, seq] = row;
    const held = this.points.get(this.names[index] ?? '');
    if (held === undefined) return undefined;
    const point = { ...held, value, quality, timeMs, seq };
    this.points.set(point.name, point);
    return point;
  }

  private setAlarm(alarm: WireAlarm): void {
    if (alarm.state === 'normal') this.alarms.delete(alarm.name);
    else this.alarms.set(alarm.name, alarm);
  }
}
