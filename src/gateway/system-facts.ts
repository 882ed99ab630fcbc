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
  /** Asked with every frame and every point: made anew from time to time. */
  private made: { readonly atMs: number; readonly facts: ReadonlyMap<string, PointValue>; readonly health: NodeHealth; readonly alarms: readonly SystemAlarm[] } | undefined;

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
    return this.present().health;
  }

  /** By address of the driver `system`, as the active node knows it now. */
  facts(): ReadonlyMap<string, PointValue> {
    return this.present().facts;
  }

  alarms(): readonly SystemAlarm[] {
    return this.present().alarms;
  }

  private present(): NonNullable<SystemFacts['made']> {
    const atMs = this.options.clock.monotonicMs();
    if (this.made === undefined || atMs - this.made.atMs >= FRESH_MS || atMs < this.made.atMs) {
      const status = this.options.status();
      const health = this.measuredHealth(status);
      this.made = { atMs, health, facts: this.factsOf(status, health), alarms: this.alarmsOf(status, health) };
    }
    return this.made;
  }

  private measuredHealth({ certificateDaysLeft: days }: RedundancyStatus): NodeHealth {
    const { diskFreeBytes } = this.measured;
    return {
      ...this.measured,
      ...(diskFreeBytes !== undefined && diskFreeBytes < this.options.minDiskFreeBytes ? { diskLow: true } : {}),
      loopStallMs: Math.round(Math.max(...this.stalls)),
      ...(days === undefined ? {} : { certificateDays: days }),
    };
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

  private alarmsOf(status: RedundancyStatus, health: NodeHealth): readonly SystemAlarm[] {
    const { node, peer } = this.options;
    const low = ({ diskLow, diskFreeBytes = 0 }: NodeHealth, id: string): SystemAlarm[] =>
      diskLow === true ? [{ name: `disk-low/${id}`, priority: 2, message: `The disk of node ${id} is nearly full: ${Math.floor(diskFreeBytes / MB)} MB left. A node whose disk is full stops, and the other one goes on alone.` }] : [];
    return [...low(health, node), ...low(peer() ?? {}, status.peer?.id ?? '')];
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
