import type { PointDefinition, PointValue, ScheduleReason, ScheduleTarget, ScheduleValue } from '../../contract/index.js';
import type { Json, KeyedState } from '../../image/index.js';

/** What is in force, by schedule. */
export const SCHEDULE_PREFIX = 'schedule/';
/** What was written to a target, and what is on its way. */
export const TARGET_PREFIX = 'schedule-target/';

export interface InForce {
  /** Absent outside of the effective period. */
  readonly value?: ScheduleValue;
  readonly why: ScheduleReason;
  readonly sinceMs: number;
}

export interface Writing {
  /** Unique for ever; with the attempt it is the id of the command. */
  readonly id: string;
  readonly value: ScheduleValue;
  /** From 1 on. */
  readonly attempt: number;
  /** Pair time of this attempt. */
  readonly notBeforeMs: number;
  /** Why the attempt before failed. */
  readonly error?: string;
}

export interface TargetState {
  /** The last value that was verified; absent: none yet. */
  readonly written?: ScheduleValue;
  readonly writing?: Writing;
}

/** By the point's name, which outlives a configuration, and its priority: at another one nothing has been written yet. */
export function targetKey(schedule: string, point: PointDefinition, target: ScheduleTarget): string {
  return `${TARGET_PREFIX}${schedule}/${target.priority}/${point.name}`;
}

export function toJson(state: InForce | TargetState): Json {
  return state as unknown as Json;
}

export function readInForce(keyed: KeyedState, schedule: string): InForce | undefined {
  return keyed.get(SCHEDULE_PREFIX + schedule) as unknown as InForce | undefined;
}

export function readTarget(keyed: KeyedState, key: string): TargetState {
  return (keyed.get(key) as unknown as TargetState | undefined) ?? {};
}

/** As the field takes it. */
export function pointValue(point: PointDefinition, value: ScheduleValue): PointValue | null {
  return point.kind === 'integer64' && typeof value === 'number' ? BigInt(value) : value;
}
