import { TandemError } from '../../src/contract/errors.js';
import { exceptionCode, exceptionName } from './pdu.js';

/** The way to one or more units, whatever the transport: what polling and writing know of it. */
export interface ModbusLink {
  /** Connects, and keeps connecting until {@link stop}. */
  start(): void;
  /** Settles every request with FIELD_CLOSED; resolves when no connection of ours is left. */
  stop(): Promise<void>;
  /**
   * Sends one request and resolves with its answer, which fits it in unit, function, length and echo.
   * Rejects with FIELD_REJECTED (an exception; `details.exception`), FIELD_UNREACHABLE, FIELD_TIMEOUT,
   * FIELD_MALFORMED, FIELD_NOT_VERIFIED (the echo differs), FIELD_CLOSED or FENCED.
   */
  request(request: LinkRequest): Promise<LinkAnswer>;
  /** Why requests fail at once: the last attempt to reach it failed, and the next is still to come. */
  readonly away: TandemError | undefined;
  readonly counters: LinkCounters;
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
