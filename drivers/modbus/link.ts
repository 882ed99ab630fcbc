import type { DriverHost } from '../../src/contract/driver.js';
import { TandemError } from '../../src/contract/errors.js';
import { exceptionCode, exceptionName } from './pdu.js';
import type { Spare } from './plan.js';

/** What a channel needs of its surroundings. */
export type ChannelHost = Pick<DriverHost, 'clock' | 'timers' | 'random' | 'log' | 'network'>;

/** The way to one unit, whatever the transport: what polling and writing know of it. */
export interface ModbusLink {
  /** Connects, and keeps connecting until {@link stop}. */
  start(): void;
  /** Settles every request with FIELD_CLOSED; resolves when no connection of ours is left, but for what others share. */
  stop(): Promise<void>;
  /**
   * Sends one request and resolves with its answer, which fits it in unit, function, length and echo.
   * Rejects with FIELD_REJECTED (an exception; `details.exception`), FIELD_UNREACHABLE, FIELD_TIMEOUT,
   * FIELD_MALFORMED, FIELD_NOT_VERIFIED (the echo differs), FIELD_CLOSED or FENCED.
   */
  request(request: LinkRequest): Promise<LinkAnswer>;
  /** As {@link request}, without the cost of a promise and of a copy of the answer. */
  submit(request: LinkRequest, outcome: LinkOutcome): void;
  /** Rejects with {@link WITHDRAWN} what `owner` has submitted and what has not left yet. */
  withdraw(owner: object): void;
  /** Why requests fail at once: the last attempt to reach it failed, and the next is still to come. */
  readonly away: TandemError | undefined;
  /** Counters for people. */
  figures(): Readonly<Record<string, number>>;
}

/** Exactly one of the two is called, once. */
export interface LinkOutcome {
  /** The answer's PDU is valid until this returns. */
  resolve(answer: LinkAnswer): void;
  reject(error: TandemError): void;
}

/** Says that a request was taken back by its owner. */
export const WITHDRAWN = new TandemError('FIELD_CLOSED', 'the request was withdrawn');

/** An outcome that ignores all but the first call. */
export function once(outcome: LinkOutcome): LinkOutcome {
  let told = false;
  const first = <T>(tell: (what: T) => void) => (what: T): void => {
    if (told) return;
    told = true;
    tell(what);
  };
  return { resolve: first((answer: LinkAnswer) => outcome.resolve(answer)), reject: first((error: TandemError) => outcome.reject(error)) };
}

/** An outcome as a promise; its answer is a copy. */
export function promised(submit: (outcome: LinkOutcome) => void): Promise<LinkAnswer> {
  return new Promise((resolve, reject) => submit({ resolve: ({ pdu, timeMs }) => resolve({ pdu: new Uint8Array(pdu), timeMs }), reject }));
}

export interface LinkRequest {
  readonly unit: number;
  readonly pdu: Uint8Array;
  /** Goes before everything that is not. */
  readonly urgent: boolean;
  /** From the moment of writing. */
  readonly timeoutMs: number;
  /** Monotonic time; what has not left by then never leaves. */
  readonly expiresAtMs?: number;
  /** Given for effects: asked synchronously, right before the bytes leave. */
  readonly permit?: () => boolean;
  /** Of a read: how much past its end may be read along, where that tells its answer from a late one. */
  readonly spare?: Spare;
  /** Who may withdraw it. */
  readonly owner?: object;
}

export interface LinkAnswer {
  readonly pdu: Uint8Array;
  /** Wall clock at receipt, milliseconds since 1970 UTC. */
  readonly timeMs: number;
}

export function newLinkCounters() {
  return {
    connects: 0,
    connectFailures: 0,
    connectionsLost: 0,
    requests: 0,
    answers: 0,
    exceptions: 0,
    timeouts: 0,
    /** Left unsent, because its time was over. */
    expired: 0,
    /** Left unsent, because this node may have no effects. */
    fenced: 0,
    /** Answers that came after their deadline. */
    late: 0,
    /** Answers to a request that had its answer. */
    duplicates: 0,
    /** Answers to nothing that was asked, or from another unit. */
    foreign: 0,
    /** Answers that do not fit their request. */
    malformed: 0,
    /** Echoes that differ from what was written. */
    mismatches: 0,
    /** Bytes on a bus that belong to no frame. */
    noise: 0,
    /** Connections closed because their bytes made no sense. */
    brokenStreams: 0,
  };
}
export type LinkCounters = ReturnType<typeof newLinkCounters>;

/** Clause 7; the gateway exceptions mean that the unit behind it is not there. */
export function exceptionError(code: number): TandemError {
  const gateway = code === exceptionCode.gatewayPathUnavailable || code === exceptionCode.gatewayTargetSilent;
  return new TandemError(gateway ? 'FIELD_UNREACHABLE' : 'FIELD_REJECTED', `the device answered with ${exceptionName(code)}`, { details: { exception: code } });
}

/** The exception code that an error carries, if it carries one. */
export function exceptionOf(error: unknown): number | undefined {
  if (!(error instanceof TandemError)) return undefined;
  const code = error.details.exception;
  return typeof code === 'number' ? code : undefined;
}
