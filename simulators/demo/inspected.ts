/** What a virtual device tells about itself and lets itself be made to do, whatever its protocol. */
export interface Inspected {
  readonly name: string;
  readonly address: { readonly host: string; readonly port: number };
  /** By remote host: a test proves with it that a standby wrote nothing. */
  remotes(): Readonly<Record<string, RemoteView>>;
  /** Every write of a client, oldest first. */
  writes(): readonly WriteView[];
  /** Replaces the fault in force; throws {@link BadRequest} for one that it does not know. */
  fault(fault: FaultRequest): Promise<void>;
  /** Holds a point at a value, or null to let it go. */
  set(point: string, value: number | null): void;
}

export interface RemoteView {
  readonly connectionsNow: number;
  readonly connectionsTotal: number;
  readonly requests: number;
  readonly writes: number;
}

export interface WriteView {
  readonly timeMs: number;
  readonly remote: string;
  readonly [key: string]: unknown;
}

export interface FaultRequest {
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** The asker's mistake: answered with 400 and the message. */
export class BadRequest extends Error {}
