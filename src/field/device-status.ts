import type { StandbyActivity } from '../contract/index.js';
import type { CycleStatus } from './cycles.js';

/** What a device does for this node now. */
export type DeviceActivity = 'active' | StandbyActivity;

/** One device, for people. */
export interface DeviceStatus {
  readonly name: string;
  readonly driver: string;
  readonly activity: DeviceActivity;
  /** The last poll was answered. False too while nothing is asked. */
  readonly online: boolean;
  readonly lastError?: string;
  readonly points: number;
  /** Of each class that was polled: what was wanted, and what came of it. */
  readonly cycles: readonly CycleStatus[];
  /** The driver's counters over all its lives, and the host's own, which begin with `host`. */
  readonly counters: Readonly<Record<string, number>>;
}
