import type { Clock, Log, NodeHealth, PointValue, RedundancyStatus, SystemAlarm } from '../contract/index.js';

export interface SystemFactsOptions {
  readonly node: string;
  readonly minDiskFreeBytes: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Asks the machine; absent where there is none to ask. */
  readonly measure: (() => Promise<Pick<NodeHealth, 'diskFreeBytes' | 'memoryBytes'>>) | undefined;
  readonly status: () => RedundancyStatus;
  /** What the other node says of itself, while it is connected. */
  readonly peer: () => NodeHealth | undefined;
  readonly devices: () => readonly { readonly name: string; readonly online: boolean }[];
}

const MEASURE_MS = 5_000;
const WINDOW_MS = 60_000;
/** How old what is told may be. */
const FRESH_MS = 250;
const MB = 1e6;

/** C10: what the pair knows of itself, as points of the driver `system`, and the alarms that follow from it. */
export class SystemFacts {
  private measured: Pick<NodeHealth, 'diskFreeBytes' | 'memoryBytes'> = {};
  private measuredMs = -Infinity;
  private measuring = false;
  private tickedMs: number | undefined;
  /** Longest stall of this window and of the one before. */
  private stalls: readonly [number, number] = [0, 0];
  private windowMs = 0;
  /** Asked with every frame, every point and every beat: each made anew from time to time, where it is asked for. */
  private readonly madeFacts = new Lasting<ReadonlyMap<string, PointValue>>(FRESH_MS);
  private readonly madeAlarms = new Lasting<readonly SystemAlarm[]>(FRESH_MS);
  private readonly madeDays = new Lasting<number | undefined>(MEASURE_MS);

  constructor(private readonly options: SystemFactsOptions) {}

  /** Call each `periodMs`: what comes later than that is a stall. */
  tick(periodMs: number): void {
    const nowMs = this.options.clock.monotonicMs();
    const stallMs = Math.max(0, nowMs - (this.tickedMs ?? nowMs - periodMs) - periodMs);
    this.tickedMs = nowMs;
    if (nowMs - this.windowMs >= WINDOW_MS) {
      this.windowMs = nowMs;
      this.stalls = [0, this.stalls[0]];
    }
    this.stalls = [Math.max(this.stalls[0], stallMs), this.stalls[1]];
    if (nowMs - this.measuredMs >= MEASURE_MS) void this.measure(nowMs);
  }

  /** Of this node. */
  health(): NodeHealth {
    const { clock, minDiskFreeBytes, status } = this.options;
    const { diskFreeBytes } = this.measured;
    const days = this.madeDays.at(clock.monotonicMs(), () => status().certificateDaysLeft);
    return {
      ...this.measured,
      ...(diskFreeBytes !== undefined && diskFreeBytes < minDiskFreeBytes ? { diskLow: true } : {}),
      loopStallMs: Math.round(Math.max(...this.stalls)),
      ...(days === undefined ? {} : { certificateDays: days }),
    };
  }

  /** By address of the driver `system`, as the active node knows it now. */
  facts(): ReadonlyMap<string, PointValue> {
    return this.madeFacts.at(this.options.clock.monotonicMs(), () => this.factsOf(this.options.status(), this.health()));
  }

  alarms(): readonly SystemAlarm[] {
    return this.madeAlarms.at(this.options.clock.monotonicMs(), () => this.alarmsNow());
  }

  private factsOf({ self, peer: other, protected: isProtected, sync, hold, conflicts = 0 }: RedundancyStatus, health: NodeHealth): ReadonlyMap<string, PointValue> {
    const { peer, devices, node } = this.options;
    const facts = new Map<string, PointValue>([
      ['active', node],
      ['protected', Number(isProtected)],
      ['sync-lag', sync.lagFrames],
      ['standby-connected', Number(sync.state === 'in-sync' || sync.state === 'synchronizing')],
      ['held', Number(hold !== undefined)],
      ['conflicts', conflicts],
      ['devices-offline', devices().filter(({ online }) => !online).length],
    ]);
    for (const { name, online } of devices()) facts.set(`device/${name}`, Number(online));
    for (const who of [node, 'active']) add(facts, who, self.role, health);
    if (other !== undefined) for (const who of [other.id, 'standby']) add(facts, who, other.role, peer() ?? {});
    return facts;
  }

  private alarmsNow(): readonly SystemAlarm[] {
    const { node, peer, status } = this.options;
    const low = (id: string, { diskFreeBytes = 0 }: NodeHealth): SystemAlarm => ({
      name: `disk-low/${id}`,
      priority: 2,
      message: `The disk of node ${id} is nearly full: ${Math.floor(diskFreeBytes / MB)} MB left. A node whose disk is full stops, and the other one goes on alone.`,
    });
    const [own, theirs] = [this.health(), peer() ?? {}];
    return [...(own.diskLow === true ? [low(node, own)] : []), ...(theirs.diskLow === true ? [low(status().peer?.id ?? '', theirs)] : [])];
  }

  private async measure(nowMs: number): Promise<void> {
    const { measure, log } = this.options;
    if (measure === undefined || this.measuring) return;
    this.measuring = true;
    this.measuredMs = nowMs;
    try {
      this.measured = await measure();
    } catch (error) {
      log.warn(`the machine cannot be measured: ${String(error)}`);
    }
    this.measuring = false;
  }
}

function add(facts: Map<string, PointValue>, who: string, role: string, { diskFreeBytes, memoryBytes, loopStallMs, certificateDays }: NodeHealth): void {
  facts.set(`${who}/role`, role);
  const numbers = { 'disk-free': diskFreeBytes === undefined ? undefined : diskFreeBytes / MB, memory: memoryBytes === undefined ? undefined : memoryBytes / MB, 'loop-stall': loopStallMs, 'certificate-days': certificateDays };
  for (const [name, value] of Object.entries(numbers)) if (value !== undefined) facts.set(`${who}/${name}`, Math.round(value));
}

/** Something that may be told for a while before it is made anew. */
class Lasting<T> {
  private made: { readonly atMs: number; readonly value: T } | undefined;

  constructor(private readonly forMs: number) {}

  at(nowMs: number, make: () => T): T {
    if (this.made === undefined || nowMs - this.made.atMs >= this.forMs || nowMs < this.made.atMs) this.made = { atMs: nowMs, value: make() };
    return this.made.value;
  }
}
