import type { RowFormat, WireAlarm, WireLog, WirePoint, WirePosition, WireUser, WireValue } from '../contract/client-protocol.js';
import type { Role } from '../contract/redundancy-status.js';

/** A point with its present value. A new object for each change, so that identity tells what changed. */
export interface ClientPoint extends WirePoint {
  readonly value: WireValue;
  /** Quality byte: level in the two high bits (0 good, 1 uncertain, 2 stale, 3 bad), reason in the low six. */
  readonly quality: number;
  /** Source time, milliseconds since 1970; 0 when never read. */
  readonly timeMs: number;
  readonly seq: number;
}

/**
 * `connecting`: nothing received yet; `live`: follows the active node; `reading`: follows a standby, which was asked for by
 * `readFrom`; `switching`: holds values and looks for
 * the node that is active now; `offline`: the same, with neither node answering; `unauthorized`: the node wants a token,
 * or another one than it got ({@link TandemClient.setToken}); `closed`: by {@link TandemClient.close}.
 */
export type ClientState = 'connecting' | 'live' | 'reading' | 'switching' | 'offline' | 'unauthorized' | 'closed';

/**
 * Which node tells the values. `active`: the active one alone. `any`: the active one, and while none can be reached what a standby
 * holds. `standby`: a standby that is level with the active one, to spare that; else as `any`. Whatever it is, requests go
 * to the active node, and a standby serves readers only where the site shares the load (`redundancy.loadSharing`).
 */
export type ReadFrom = 'active' | 'any' | 'standby';

export interface ClientEvents {
  /** Points that changed, in one batch. */
  change: { readonly points: readonly ClientPoint[]; readonly seq: number };
  /** Everything was replaced. `reset`: what was held before is void (not the first snapshot). */
  snapshot: { readonly reset: boolean; readonly position: WirePosition };
  /** A node said which role it plays. */
  role: { readonly url: string; readonly node: string; readonly role: Role | 'unknown' };
  alarm: WireAlarm;
  log: WireLog;
  state: ClientState;
  /** Whom a node takes the token to be of, with which roles; again when those have been changed. */
  user: WireUser & { readonly url: string };
  /** Something that a node refused, other than a request. */
  problem: { readonly code: string; readonly message: string; readonly url: string };
}

/** Proof of what the library promises: `missed` and `repeated` stay 0. */
export interface ClientCounters {
  /** Rows applied from `changes`. */
  rows: number;
  /** Rows or log entries that had been told before, since the last snapshot. (Listeners get each entry once all the same.) */
  repeated: number;
  /** Rows that came after their position had been declared complete. */
  missed: number;
  snapshots: number;
  /** Snapshots that replaced what was held. */
  resets: number;
  /** Continued without a snapshot on a new connection. */
  resumes: number;
}

export interface ClientTimers {
  after(delayMs: number, run: () => void): { cancel(): void };
}

/** What is used of a WebSocket: the browser's own, or that of the `ws` package. */
export interface WebSocketLike {
  /** Set to `arraybuffer`; of no use where no rows are asked for as bytes. */
  binaryType?: string;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
  /** `ws` only: ends without waiting for the other side. */
  terminate?(): void;
}

export interface TandemClientOptions {
  /** Console addresses of both nodes, `http://10.20.0.1:8080`; one for a gateway without standby. */
  readonly urls: readonly string[];
  /** Names, with `*` for any run of characters. */
  readonly points: readonly string[];
  /** A token, or the key of a session. Only a node with `access: open` tells anything without one, and only to read. */
  readonly token?: string;
  /** `binary`: values come as bytes, a third of the JSON; of use on thin lines and for tens of thousands of changes a second. Default `json`. */
  readonly rows?: RowFormat;
  /** Default `active`. */
  readonly readFrom?: ReadFrom;
  /** How long a request may take, with all failovers in between; 15 s. */
  readonly requestTimeoutMs?: number;
  /** Default: `globalThis.WebSocket`. In Node 20: `(url) => new WebSocket(url)` of the `ws` package. */
  readonly webSocket?: (url: string) => WebSocketLike;
  /** Milliseconds from any start, never going back. */
  readonly now?: () => number;
  readonly timers?: ClientTimers;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  /** Ids of requests, unique for ever; default: random UUIDs. */
  readonly newId?: () => string;
}

export interface Held {
  /** `protected`: both nodes hold it on disk. */
  readonly held: 'protected' | 'unprotected';
  /** Id under which the gateway knows the request. */
  readonly id: string;
}

/** A request that failed, with the gateway's code (docs/errors.md). */
export class TandemClientError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'TandemClientError';
  }
}
