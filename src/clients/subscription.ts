import { messageOf, type Log, type Position, type Timer, type RowFormat, type Timers, type WirePosition } from '../contract/index.js';
import { NO_POSITION, type Frame, type LogEntry } from '../image/index.js';
import { limits } from './limits.js';
import type { NodeApi } from './node-api.js';
import type { PointSet } from './point-set.js';
import type { PointSets } from './point-sets.js';
import type { Reach } from './reach.js';
import { isClientLog, seqOfLog } from './wire.js';

/** Where a subscription's messages go. `full`: nothing more may be sent until it has drained. */
export interface Outlet {
  readonly full: boolean;
  send(bytes: Buffer, isBinary?: boolean): void;
}

export interface SubscriptionContext {
  readonly api: NodeApi;
  readonly sets: PointSets;
  readonly timers: Timers;
  readonly log: Log;
}

/** What a subscription must be told before it can follow the frames (again). */
type Need = { readonly kind: 'snapshot'; readonly reset: boolean } | { readonly kind: 'changes'; readonly resumed: boolean };

/**
 * One subscription of one session. It either *follows* (every visible frame is sent as it comes), or *needs*
 * a filling: a snapshot, or one merged `changes` since what it was sent last. Starting, resuming on another
 * node and catching up after a slow spell are all this one thing. The filling is read from the image, which
 * may be ahead of what clients may see, so it is held back until its position is visible.
 */
export class Subscription {
  private set: PointSet;
  private sent: Position = NO_POSITION;
  private need: Need | undefined;
  private filling = false;
  /** Frames up to here are in the filling under way. */
  private fillSeq = Infinity;
  private queue: Frame[] = [];
  /** The queue was given up during this filling, so that another one must follow. */
  private overflowed = false;
  private owed: LogEntry[] = [];
  private owedLost = false;
  private waiting: { resume: WirePosition; timer: Timer } | undefined;
  /** Counts what makes a filling under way obsolete. */
  private generation = 0;
  private closed = false;

  constructor(
    private readonly context: SubscriptionContext,
    private readonly outlet: Outlet,
    readonly id: string,
    private readonly patterns: readonly string[],
    readonly anyRole: boolean,
    private readonly format: RowFormat = 'json',
    private reach?: Reach,
  ) {
    this.set = context.sets.take(context.api.state.table, patterns, format, reach);
  }

  /** Everything up to here has been sent. */
  get position(): Position {
    return this.sent;
  }

  get following(): boolean {
    return this.need === undefined && this.waiting === undefined;
  }

  start(resume: WirePosition | undefined): void {
    if (resume === undefined) this.begin({ kind: 'snapshot', reset: false });
    // What the client holds is of another part of the site: its roles have changed, or somebody else is at the screen.
    else if ((resume.scope ?? '') !== this.set.scope) this.begin({ kind: 'snapshot', reset: true });
    else this.resume(resume);
  }

  /** Other roles: where they show another part of the site, everything is told anew. */
  regard(reach: Reach): void {
    if (this.closed || reach.key === this.set.scope) return;
    this.reach = reach;
    this.waiting?.timer.cancel();
    this.waiting = undefined;
    this.startOver();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.generation++;
    this.waiting?.timer.cancel();
    this.context.sets.release(this.set);
  }

  onFrame(frame: Frame): void {
    if (this.closed) return;
    if (frame.snapshot === true || frame.revision !== this.set.table.revision) {
      this.startOver();
    } else if (this.waiting !== undefined) {
      this.resume(this.waiting.resume);
    } else if (frame.seq > this.sent.seq) {
      this.take(frame);
    }
  }

  /** Starts what is needed, once the outlet can take it. */
  pump(): void {
    if (this.closed || this.need === undefined || this.filling || this.outlet.full) return;
    const { generation } = this;
    this.filling = true;
    this.fill(this.need).catch((error: unknown) => {
      if (generation !== this.generation) return;
      // The position is never to become visible: the role has gone, or the store has failed. The next heartbeat tries again.
      this.context.log.warn(`subscription ${this.id}: ${messageOf(error)}`);
      this.forget();
      this.need = { kind: 'snapshot', reset: true };
    });
  }

  private take(frame: Frame): void {
    if (this.need === undefined) {
      if (this.outlet.full) {
        this.need = { kind: 'changes', resumed: false };
        this.keepLogs(frame);
      } else {
        this.deliver(frame);
      }
    } else if (this.filling && frame.seq > this.fillSeq) {
      this.queue.push(frame);
      if (this.queue.length > limits.framesQueued) this.giveUpQueue();
    } else {
      this.keepLogs(frame);
    }
  }

  private deliver(frame: Frame): void {
    const overlapping = frame.fromSeq <= this.sent.seq;
    const message = overlapping ? this.set.ofFrameAfter(frame, this.sent.seq) : this.set.ofFrame(frame);
    if (message !== undefined) this.outlet.send(message.bytes(this.id), message.isBinary);
    this.sent = { epoch: frame.epoch, seq: frame.seq };
  }

  private begin(need: Need): void {
    this.waiting?.timer.cancel();
    this.waiting = undefined;
    this.need = need;
    this.pump();
  }

  private startOver(): void {
    this.forget();
    const { api, sets } = this.context;
    if (this.set.table !== api.state.table || this.set.scope !== (this.reach?.key ?? '')) {
      sets.release(this.set);
      this.set = sets.take(api.state.table, this.patterns, this.format, this.reach);
    }
    this.begin({ kind: 'snapshot', reset: true });
  }

  private forget(): void {
    this.generation++;
    this.filling = false;
    this.fillSeq = Infinity;
    this.queue = [];
    this.owed = [];
    this.owedLost = false;
    this.overflowed = false;
    this.sent = NO_POSITION;
  }

  private resume(position: WirePosition): void {
    switch (this.judge(position)) {
      case 'inside':
        this.sent = { epoch: position.epoch, seq: position.seq };
        this.begin({ kind: 'changes', resumed: true });
        return;
      case 'reset':
        this.begin({ kind: 'snapshot', reset: true });
        return;
      case 'behind':
        this.waiting ??= {
          resume: position,
          timer: this.context.timers.after(limits.resumeWaitMs, () => this.begin({ kind: 'snapshot', reset: true })),
        };
    }
  }

  /** Rule 8. `behind`: this node merely has not got there yet. */
  private judge(position: WirePosition): 'inside' | 'behind' | 'reset' {
    const { api } = this.context;
    const { state } = api;
    if (position.revision !== state.table.revision) return 'reset';
    const standing = api.standingOf({ epoch: position.epoch, seq: position.seq });
    switch (standing.kind) {
      case 'inside':
        return position.seq >= state.keyed.tombstoneFloor ? 'inside' : 'reset';
      case 'ahead':
        return 'behind';
      case 'diverged':
        // Beyond the end of the newest epoch: on a standby the frames are under way, on an active they never come.
        return api.role() !== 'active' && standing.commonSeq === state.position.seq && position.seq > standing.commonSeq ? 'behind' : 'reset';
    }
  }

  private async fill(need: Need): Promise<void> {
    const { api } = this.context;
    const { generation } = this;
    this.fillSeq = Infinity;
    // This may be called from within the showing of a frame. A cut there could show the next one out of turn.
    await Promise.resolve();
    if (generation !== this.generation) return;
    const from = this.sent.seq;
    // A cut seals a frame, which may become visible within the call: it is part of what is read below.
    const position = api.cut();
    if (this.set.table !== api.state.table) {
      // Another configuration is in force, and the frame that brought it is not visible yet. The image is of the new one already.
      this.startOver();
      return;
    }
    this.fillSeq = position.seq;
    const message = need.kind === 'snapshot' ? this.set.snapshot(api.state, position, need.reset) : this.set.since(api.state, from, position);
    await api.whenVisible(position.seq);
    if (generation !== this.generation) return;
    let bytes = message?.bytes(this.id);
    if (need.kind === 'changes') {
      const logs = need.resumed ? await this.resumedLogs(from, position.seq) : this.owedUpTo(position.seq);
      if (generation !== this.generation) return;
      if (logs === undefined) {
        this.startOver();
        return;
      }
      const wire = this.set.logs(logs);
      const more = (wire.length === 0 ? '' : `,"logs":${JSON.stringify(wire)}`) + (need.resumed ? ',"resumed":true' : '');
      if (more !== '') bytes = (message ?? this.set.empty(position)).bytesWith(this.id, more);
    }
    if (bytes !== undefined) this.outlet.send(bytes, need.kind === 'changes' && this.format === 'binary');
    this.filled(position);
  }

  private async resumedLogs(fromSeq: number, toSeq: number): Promise<LogEntry[] | undefined> {
    const { generation } = this;
    const entries = this.context.api.logsBetween(fromSeq, toSeq);
    if (entries === undefined) return undefined;
    const logs: LogEntry[] = [];
    for await (const ofFrame of entries) {
      // What is read for a client that has gone would pile up where many come and go.
      if (generation !== this.generation) return undefined;
      logs.push(...ofFrame.filter(isClientLog));
      if (logs.length > limits.logsOwed) return undefined;
    }
    return logs;
  }

  private filled(position: Position): void {
    this.sent = position;
    this.filling = false;
    this.need = undefined;
    this.owed = this.owed.filter((entry) => seqOfLog(entry) > position.seq);
    const { queue } = this;
    this.queue = [];
    if (this.overflowed || this.owedLost) {
      this.overflowed = false;
      this.begin({ kind: 'changes', resumed: false });
    } else {
      for (const frame of queue) this.onFrame(frame);
    }
  }

  private giveUpQueue(): void {
    for (const frame of this.queue) this.keepLogs(frame);
    this.queue = [];
    this.overflowed = true;
  }

  private keepLogs(frame: Frame): void {
    for (const entry of frame.logs) if (isClientLog(entry)) this.owed.push(entry);
    if (this.owed.length > limits.logsOwed) {
      this.owed = [];
      this.owedLost = true;
    }
  }

  private owedUpTo(seq: number): LogEntry[] | undefined {
    return this.owedLost ? undefined : this.owed.filter((entry) => seqOfLog(entry) <= seq && seqOfLog(entry) > this.sent.seq);
  }
}
