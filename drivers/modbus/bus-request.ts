import type { Timer } from '../../src/contract/clock.js';
import { TandemError } from '../../src/contract/errors.js';
import type { TcpConnection } from '../../src/contract/network.js';
import type { Exchange } from './bus-exchange.js';
import type { LinkAnswer, LinkRequest } from './link.js';
import { functionCode, readRequest } from './pdu.js';
import type { UnitLink } from './unit-link.js';

/** A request with the promise that waits for it. */
export interface Waiting {
  readonly unit: number;
  readonly urgent: boolean;
  readonly link: UnitLink;
  readonly request: LinkRequest;
  resolve(answer: LinkAnswer): void;
  reject(error: TandemError): void;
}

/** The one request that is on the line. */
export interface UnderWay {
  readonly waiting: Waiting;
  /** The PDU that was sent, which may read more than was wanted. */
  readonly asked: Uint8Array;
  readonly isWide: boolean;
  /** A late answer of the same shape is owed. */
  readonly isDoubtful: boolean;
  readonly exchange: Exchange;
  readonly deadline: Timer;
  readonly deadlineMs: number;
  /** The first answer of one that is doubtful; it counts unless another follows it in its time. */
  candidate?: LinkAnswer;
}

/** Why a request must not leave now. Nothing may come between this and the write. */
export function refusalOf({ request, link }: Waiting, connection: TcpConnection, nowMs: number): TandemError | undefined {
  if (request.expiresAtMs !== undefined && nowMs >= request.expiresAtMs) {
    link.counters.expired++;
    return new TandemError('FIELD_TIMEOUT', 'the time for it was over before it could be sent');
  }
  if (request.permit === undefined) return undefined;
  if (connection.bufferedBytes > 0) return new TandemError('FIELD_UNREACHABLE', 'the line does not take what is sent to it');
  if (request.permit()) return undefined;
  link.counters.fenced++;
  return new TandemError('FENCED', 'this node may not write to the field');
}

/** The read of what a single write is to change. */
export function probeOf({ unit, request: { pdu, timeoutMs } }: Waiting): LinkRequest {
  const area = pdu[0] === functionCode.writeSingleCoil ? 'co' : 'hr';
  return { unit, pdu: readRequest(area, ((pdu[1] ?? 0) << 8) | (pdu[2] ?? 0), 1), urgent: true, timeoutMs };
}
