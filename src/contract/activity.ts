import type { ErrorCode } from './error-codes.js';

/** What a node may be at that takes longer than a moment. */
export const activityKinds = ['sync', 'history-fill', 'windback', 'discovery', 'import', 'check', 'apply', 'export', 'verify'] as const;
export type ActivityKind = (typeof activityKinds)[number];

/** What is being done of it just now. */
export const activitySteps = [
  'snapshot-make',
  'snapshot-send',
  'snapshot-receive',
  'snapshot-store',
  'catch-up',
  'samples',
  'journal',
  'device-log',
  'search',
  'read-rows',
  'write-changes',
  'check-document',
  'ask-standby',
  'write-rows',
  'look',
  'compare-history',
  'compare-again',
] as const;
export type ActivityStep = (typeof activitySteps)[number];

/** What `done` and `total` count; `ms` is a stretch of recorded time. */
export const activityUnits = ['bytes', 'frames', 'points', 'rows', 'samples', 'ms'] as const;
export type ActivityUnit = (typeof activityUnits)[number];

/** How far something has come. What cannot be counted has no `done`; what has no known end has no `total`. Nothing is estimated. */
export interface ActivityProgress {
  readonly step: ActivityStep;
  /** A driver's own words for it. */
  readonly text?: string;
  readonly done?: number;
  readonly total?: number;
  readonly unit?: ActivityUnit;
}

/** Something that takes longer than a second, as `GET /api/v1/activities` lists it while it goes on. */
export interface Activity extends ActivityProgress {
  /** Unique on its node since its start. */
  readonly id: string;
  /** Where it goes on. */
  readonly node: string;
  readonly kind: ActivityKind;
  /** What it is about: the node that is brought up to date, a device, a driver, a section of the document; '' where there is nothing to say. */
  readonly subject: string;
  /** Who asked for it, where somebody did. */
  readonly by?: string;
  /** Wall clock of the node, milliseconds since 1970 UTC. */
  readonly startedMs: number;
  /** `failed` ones are listed for a minute, and so are those that have come to something that can be told; what else ends well is listed no more. */
  readonly state: 'running' | 'failed' | 'done';
  readonly error?: ActivityError;
  readonly result?: ActivityResult;
}

/** What it has come to, for who could not wait for the answer. */
export interface ActivityResult {
  /** Of the configuration that is in force with it. */
  readonly number?: number;
  /** Definitions that a table would change. */
  readonly changes?: number;
  /** Errors that were found. */
  readonly errors?: number;
}

export interface ActivityError {
  readonly code: ErrorCode;
  readonly message: string;
}

/** As a part of a node knows it; the times are of the monotonic clock. */
export interface Work extends Omit<Activity, 'node' | 'startedMs' | 'state'> {
  readonly sinceMs: number;
  /** With `error`: when it failed. */
  readonly failedAtMs?: number;
  /** With `result`: when it ended. */
  readonly doneAtMs?: number;
}
