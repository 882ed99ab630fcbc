/** What a device reports of its own accord: the alarms that it detects itself (BACnet intrinsic reporting, for one). */
export type DeviceTransition = 'offnormal' | 'fault' | 'normal';
export const deviceTransitions: readonly DeviceTransition[] = ['offnormal', 'fault', 'normal'];

/** What is known of the last transition of one kind, as a device tells or has told it. */
export interface DeviceStamp {
  /** The device's own time stamp of the transition: compared for equality, and given back with an acknowledgement. */
  readonly stamp: string;
  /** When that was, milliseconds since 1970; absent where the stamp is no time (a sequence number). */
  readonly timeMs?: number;
  /** State of the object after it, in the protocol's words: `high-limit`. Absent where the device does not tell any more. */
  readonly state?: string;
  /** What else the driver needs to acknowledge it; kept for it. */
  readonly token?: string;
}

/** One notification. */
export interface DeviceEvent extends DeviceStamp {
  /** Object in the device, as its engineers write it: `AI:1`. */
  readonly object: string;
  /** The point that shows this object, where there is one. */
  readonly point?: number;
  /** `acknowledged`: somebody has acknowledged the transition at the device. */
  readonly notice: 'transition' | 'acknowledged';
  readonly transition: DeviceTransition;
  readonly state: string;
  readonly ackRequired: boolean;
  /** 1 (most urgent) … 4. */
  readonly urgency: number;
  readonly class: string;
  readonly message: string;
  /** What the protocol says besides, for people. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

/** One object that is not normal, or has transitions that nobody has acknowledged. */
export interface DeviceObjectState {
  readonly object: string;
  readonly point?: number;
  /** The transition that has led to the present state. */
  readonly now: DeviceTransition;
  readonly state: string;
  readonly urgency: number;
  /** A transition that never happened is absent. */
  readonly transitions: Readonly<Partial<Record<DeviceTransition, DeviceStamp & { readonly acknowledged: boolean }>>>;
}

export type DeviceEventReport =
  | { readonly kind: 'event'; readonly event: DeviceEvent; /** Called when both nodes hold it: the driver then confirms it to the device. */ readonly taken: () => void }
  /** Everything of the device that is not normal and acknowledged: what it does not name is. */
  | { readonly kind: 'summary'; readonly objects: readonly DeviceObjectState[] };

export interface DeviceAcknowledgement extends DeviceStamp {
  readonly object: string;
  readonly transition: DeviceTransition;
  readonly by: string;
  /** When the person acknowledged, milliseconds since 1970. */
  readonly atMs: number;
  readonly timeoutMs: number;
  /** As in a write: asked right before bytes leave. */
  readonly permit: () => boolean;
}
