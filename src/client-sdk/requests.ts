import type { ClientMessage, ServerMessage } from '../contract/client-protocol.js';
import type { NodeLink } from './node-link.js';
import { TandemClientError, type ClientTimers, type Held } from './types.js';

export type Request = Extract<ClientMessage, { type: 'write' | 'acknowledge' | 'alarm' }>;
type Result = Extract<ServerMessage, { type: 'result' }>;

interface Pending {
  /** Made when it is first sent, then never changed: the gateway knows it by id and epoch. */
  message: Request | undefined;
  readonly make: (epoch: number, nonce: string) => Request;
  /** Where it was sent and is not answered yet. */
  sentTo: NodeLink | undefined;
  /** A node may have begun it and its answer was lost: from then on it keeps its epoch. */
  inDoubt: boolean;
  readonly resolve: (held: Held) => void;
  readonly reject: (error: TandemClientError) => void;
  readonly deadline: { cancel(): void };
}

/** Answers that mean "not by this node, not now": the same request goes to the node that is active next. */
const elsewhere = new Set(['NOT_ACTIVE', 'FENCED']);
const AGAIN_MS = 100;
/** Half of what a node lets wait on a socket, and less than half of what it reads in a second (docs/client-protocol.md, limits): what is asked above that waits here. */
const MOST_WAITING = 100;
const MOST_A_SECOND = 400;
const SECOND_MS = 1_000;
/** Of a message: a node ends the connection over one that is larger, and with it everything else that is under way. */
const MOST_BYTES = 65_536;

/** Requests that wait for their result. They survive the loss of a node: sent again with their first id and epoch. */
export class Requests {
  private readonly pending = new Map<string, Pending>();
  private active: NodeLink | undefined;
  /** Sent in the present second, which ends with `second`. */
  private sent = 0;
  private second: { cancel(): void } | undefined;

  constructor(
    private readonly timers: ClientTimers,
    private readonly timeoutMs: number,
  ) {}

  send(id: string, make: (epoch: number, nonce: string) => Request): Promise<Held> {
    return new Promise((resolve, reject) => {
      const deadline = this.timers.after(this.timeoutMs, () => this.expire(id));
      this.pending.set(id, { message: undefined, make, sentTo: undefined, inDoubt: false, resolve, reject, deadline });
      this.flush();
    });
  }

  /** The node that is active now has changed; undefined while there is none. */
  setActive(link: NodeLink | undefined): void {
    this.active = link;
    this.flush();
  }

  /** The connection is gone, and with it the answers to what was sent on it. */
  onLost(link: NodeLink): void {
    for (const request of this.pending.values()) {
      if (request.sentTo !== link) continue;
      request.sentTo = undefined;
      request.inDoubt = true;
    }
  }

  onResult(link: NodeLink, result: Result): void {
    const request = this.pending.get(result.id);
    if (request === undefined) return;
    if (result.ok) {
      this.take(result.id);
      request.resolve({ held: result.held ?? 'unprotected', id: result.id });
      this.flush();
    } else if (elsewhere.has(result.code ?? '')) {
      if (result.code === 'NOT_ACTIVE' && !request.inDoubt) {
        // Nobody has begun it, so the next node may take it as new; with the old epoch it would refuse an id that it does not know.
        request.message = undefined;
      } else {
        request.inDoubt = true;
      }
      this.timers.after(AGAIN_MS, () => {
        if (request.sentTo === link) request.sentTo = undefined;
        this.flush();
      });
    } else {
      this.take(result.id);
      request.reject(new TandemClientError(result.code ?? 'INTERNAL', result.message ?? 'refused'));
      this.flush();
    }
  }

  close(): void {
    this.second?.cancel();
    for (const [id, request] of this.pending) {
      this.take(id);
      request.reject(new TandemClientError(request.message === undefined ? 'NOT_ACTIVE' : 'COMMAND_IN_DOUBT', 'the client was closed before the result'));
    }
  }

  private flush(): void {
    const { active } = this;
    if (active === undefined) return;
    let waiting = [...this.pending.values()].filter(({ sentTo }) => sentTo === active).length;
    for (const request of this.pending.values()) {
      // Sent to a node that is not active any more but still connected: its answer may come, and the id makes both one.
      if (request.sentTo === active) continue;
      if (request.sentTo !== undefined) request.inDoubt = true;
      // It goes on with the next result, or the next second.
      if (waiting >= MOST_WAITING || this.sent >= MOST_A_SECOND) return;
      request.message ??= request.make(active.epoch, active.nonce);
      if (isTooLarge(request.message)) {
        this.take(request.message.id);
        request.reject(new TandemClientError('CLIENT_LIMIT', `the request is larger than a node takes (${MOST_BYTES} bytes): it was not sent`));
        continue;
      }
      request.sentTo = active;
      active.send(request.message);
      waiting++;
      this.count();
    }
  }

  private count(): void {
    if (this.sent++ > 0) return;
    this.second = this.timers.after(SECOND_MS, () => {
      this.sent = 0;
      this.flush();
    });
  }

  private expire(id: string): void {
    const request = this.take(id);
    if (request === undefined) return;
    request.reject(
      request.message === undefined
        ? new TandemClientError('NOT_ACTIVE', `no node became active within ${this.timeoutMs} ms; the request was not sent`)
        : new TandemClientError('COMMAND_IN_DOUBT', `no result within ${this.timeoutMs} ms; the request may have been carried out`),
    );
  }

  private take(id: string): Pending | undefined {
    const request = this.pending.get(id);
    this.pending.delete(id);
    request?.deadline.cancel();
    return request;
  }
}

function isTooLarge(message: Request): boolean {
  const text = JSON.stringify(message);
  // A UTF-16 unit is three bytes at most.
  return text.length > MOST_BYTES / 3 && new TextEncoder().encode(text).length > MOST_BYTES;
}
