import type { Expression } from './expression.js';
import type { PointValue } from './point.js';

/** Who commands a point at one priority, as both nodes hold it. */
export interface CommandSlot {
  readonly value: PointValue;
  readonly by: string;
  /** Pair time, ms since 1970. */
  readonly sinceMs: number;
  /** Pair time at which it is given up by itself. */
  readonly untilMs?: number;
  /** Why; what people say of an override. */
  readonly reason?: string;
}

/** A point that a person has cut off from its device. */
export interface PointHold {
  /** `override`: it shows a value that a person gave; `out-of-service`: it shows what it had, and nothing may write it. */
  readonly kind: 'override' | 'out-of-service';
  readonly by: string;
  readonly sinceMs: number;
  /** Pair time at which it ends by itself. */
  readonly untilMs?: number;
  readonly reason?: string;
}

/** What a person does to a point beside writing it. */
export type PointAction =
  | { readonly kind: 'override'; readonly point: string; readonly value: PointValue; readonly forMs?: number; readonly reason: string }
  | { readonly kind: 'take-out-of-service'; readonly point: string; readonly forMs?: number; readonly reason: string }
  | { readonly kind: 'release'; readonly point: string }
  | { readonly kind: 'return-to-service'; readonly point: string };

/** What a virtual point is made of. */
export interface VirtualPointDefinition {
  readonly point: number;
  /** Absent: it holds what it is commanded. */
  readonly expression?: Expression;
  /** As it is written. */
  readonly text?: string;
}

/** One point that a person holds away from what it would be by itself: by a slot with an end or a reason, or by a hold. */
export interface PointOverride {
  readonly point: string;
  readonly kind: 'command' | PointHold['kind'];
  /** Of a command. */
  readonly priority?: number;
  readonly value?: PointValue;
  readonly by: string;
  readonly sinceMs: number;
  readonly untilMs?: number;
  readonly reason?: string;
}
