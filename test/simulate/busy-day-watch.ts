import type { Frame } from '../../src/image/index.js';
import { PID_SLOPE } from './busy-day-site.js';
import type { Invariant } from './invariants/invariant.js';
import type { SimNode } from './sim-node.js';
import type { SimWorld } from './world.js';

/** Rounding of what the program returns. */
const GRAIN = 1e-6;

/** What must hold in every frame of the pair, whoever cuts it: pair time, and a controller that does not jump. */
export class DayWatch implements Invariant {
  /** Pair time of a frame against the true time, milliseconds: farthest behind and ahead. */
  behindMs = 0;
  aheadMs = 0;
  backwards = 0;
  /** Outputs of the controller that moved by more than the time that passed allows, or back. */
  readonly bumps: string[] = [];
  steps = 0;
  /** Values that reached the device. */
  writes = 0;
  private lastMs = -Infinity;
  private valve: { readonly y: number; readonly atMs: number } | undefined;

  constructor(private readonly startMs: number) {}

  frame(world: SimWorld, node: SimNode, frame: Frame): void {
    if (frame.epoch.node !== node.id || frame.snapshot === true || node.role === 'standby') return;
    const { pairTimeMs, puts } = frame;
    if (pairTimeMs < this.lastMs) this.backwards += 1;
    this.lastMs = Math.max(this.lastMs, pairTimeMs);
    const aheadMs = pairTimeMs - (this.startMs + world.nowMs);
    this.aheadMs = Math.max(this.aheadMs, aheadMs);
    this.behindMs = Math.max(this.behindMs, -aheadMs);
    for (const { key, value } of puts) {
      const y = key === 'logic/Pid' ? (value as { readonly outputs?: { readonly y?: number } } | null)?.outputs?.y : undefined;
      if (y !== undefined) this.moved(y, pairTimeMs);
    }
  }

  fieldWrite(): void {
    this.writes += 1;
  }

  private moved(y: number, atMs: number): void {
    const { valve } = this;
    this.valve = { y, atMs };
    this.steps += 1;
    if (valve === undefined) return;
    const by = y - valve.y;
    const most = ((atMs - valve.atMs) / 1_000) * PID_SLOPE;
    if (by < -GRAIN || by > most + GRAIN) this.bumps.push(`from ${valve.y} to ${y} within ${atMs - valve.atMs} ms`);
  }
}
