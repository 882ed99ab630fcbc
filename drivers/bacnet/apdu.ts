/** APDU headers, ANSI/ASHRAE 135 clause 20.1. */
import { Asn1Reader, Asn1Writer, concatenated, malformed } from './asn1.js';
import type { Segment, SegmentAck } from './segments.js';

export const ConfirmedService = { confirmedCovNotification: 1, subscribeCov: 5, readProperty: 12, readPropertyMultiple: 14, writeProperty: 15, subscribeCovProperty: 28 } as const;
export const UnconfirmedService = { iAm: 0, iHave: 1, unconfirmedCovNotification: 2, whoHas: 7, whoIs: 8 } as const;
/** Bits of Protocol_Services_Supported (BACnetServicesSupported, clause 21). */
export const ServiceSupported = { subscribeCovProperty: 38 } as const;
export const AbortReason = { bufferOverflow: 1, invalidApduInThisState: 2, segmentationNotSupported: 4, windowSizeOutOfRange: 7, outOfResources: 9, tsmTimeout: 10, apduTooLong: 11 } as const;
export const RejectReason = { invalidTag: 4, missingRequiredParameter: 5, tooManyArguments: 7, unrecognizedService: 9 } as const;

/** What we accept in one piece; 1476 is the largest that BACnet/IP carries. */
export const MAX_APDU = 1476;
const APDU_SIZES = [50, 128, 206, 480, 1024, MAX_APDU];
/** "More than 64 segments accepted" (20.1.2.4). */
const MAX_SEGMENTS = 0x70;
const SEGMENTED = 0x08;
const MORE_FOLLOWS = 0x04;
const SEGMENTED_RESPONSE_ACCEPTED = 0x02;

/** Octets of the header of a confirmed request, in one piece and for each segment. */
export const REQUEST_HEADER = 4;
export const SEGMENT_HEADER = 6;

export type Apdu =
  /** `accepts`: octets of the largest APDU that its sender takes. */
  | { readonly type: 'confirmed'; readonly invokeId: number; readonly service: number; readonly accepts: number; readonly body: Uint8Array; readonly segment?: Segment }
  | { readonly type: 'unconfirmed'; readonly service: number; readonly body: Uint8Array }
  | { readonly type: 'simple-ack'; readonly invokeId: number; readonly service: number }
  | { readonly type: 'complex-ack'; readonly invokeId: number; readonly service: number; readonly body: Uint8Array; readonly segment?: Segment }
  | { readonly type: 'error'; readonly invokeId: number; readonly service: number; readonly body: Uint8Array }
  | { readonly type: 'reject'; readonly invokeId: number; readonly reason: number }
  | { readonly type: 'abort'; readonly invokeId: number; readonly reason: number; readonly byServer: boolean }
  | ({ readonly type: 'segment-ack'; readonly invokeId: number; readonly byServer: boolean } & SegmentAck);

export function decodeApdu(bytes: Uint8Array): Apdu {
  const reader = new Asn1Reader(bytes);
  const first = reader.octet();
  switch (first >> 4) {
    case 0: {
      const accepts = APDU_SIZES[reader.octet() & 0x0f];
      if (accepts === undefined) throw malformed('a size of APDU that is reserved');
      const invokeId = reader.octet();
      const segment = segmentOf(first, reader);
      return { type: 'confirmed', invokeId, service: reader.octet(), accepts, body: reader.rest(), ...(segment && { segment }) };
    }
    case 1: return { type: 'unconfirmed', service: reader.octet(), body: reader.rest() };
    case 2: return ended(reader, { type: 'simple-ack', invokeId: reader.octet(), service: reader.octet() });
    case 3: {
      const invokeId = reader.octet();
      const segment = segmentOf(first, reader);
      return { type: 'complex-ack', invokeId, service: reader.octet(), body: reader.rest(), ...(segment && { segment }) };
    }
    case 4: return ended(reader, { type: 'segment-ack', negative: (first & 2) !== 0, byServer: (first & 1) !== 0, invokeId: reader.octet(), sequence: reader.octet(), window: reader.octet() });
    case 5: return { type: 'error', invokeId: reader.octet(), service: reader.octet(), body: reader.rest() };
    case 6: return ended(reader, { type: 'reject', invokeId: reader.octet(), reason: reader.octet() });
    case 7: return ended(reader, { type: 'abort', invokeId: reader.octet(), reason: reader.octet(), byServer: (first & 1) !== 0 });
    default: throw malformed(`APDU type ${first >> 4}, which is reserved`);
  }
}

/** What the header of a confirmed request says besides the service. */
export interface RequestHeader {
  readonly invokeId: number;
  readonly service: number;
  /** Octets of the largest APDU that we take, 50 … 1476. */
  readonly accepts: number;
  readonly segment?: Segment;
}

/** A confirmed request, or one segment of it; the answer may be segmented. */
export function encodeConfirmed({ invokeId, service, accepts, segment }: RequestHeader, body: Uint8Array): Uint8Array {
  const size = MAX_SEGMENTS | Math.max(0, APDU_SIZES.findLastIndex((octets) => octets <= accepts));
  if (segment === undefined) return concatenated([SEGMENTED_RESPONSE_ACCEPTED, size, invokeId, service], body);
  const flags = SEGMENTED | SEGMENTED_RESPONSE_ACCEPTED | (segment.more ? MORE_FOLLOWS : 0);
  return concatenated([flags, size, invokeId, segment.sequence, segment.window, service], body);
}

/** Of an answer that we receive, or, `byServer`, of a request to us. */
export function encodeSegmentAck(invokeId: number, { negative, sequence, window }: SegmentAck, byServer = false): Uint8Array {
  return Uint8Array.of(0x40 | (negative ? 2 : 0) | (byServer ? 1 : 0), invokeId, sequence, window);
}

export function encodeUnconfirmed(service: number, body: Uint8Array): Uint8Array {
  return new Asn1Writer().octet(0x10).octet(service).octets(body).take();
}

export function encodeComplexAck(invokeId: number, service: number, body: Uint8Array): Uint8Array {
  return new Asn1Writer().octet(0x30).octet(invokeId).octet(service).octets(body).take();
}

export function encodeSimpleAck(invokeId: number, service: number): Uint8Array {
  return Uint8Array.of(0x20, invokeId, service);
}

export function encodeError(invokeId: number, service: number, errorClass: number, errorCode: number): Uint8Array {
  return new Asn1Writer().octet(0x50).octet(invokeId).octet(service).tag(9, false, 1).octet(errorClass).tag(9, false, 1).octet(errorCode).take();
}

export function encodeReject(invokeId: number, reason: number): Uint8Array {
  return Uint8Array.of(0x60, invokeId, reason);
}

/** An abort by the client (`byServer` false: of our own request) or by the server side. */
export function encodeAbort(invokeId: number, reason: number, byServer: boolean): Uint8Array {
  return Uint8Array.of(byServer ? 0x71 : 0x70, invokeId, reason);
}

function segmentOf(first: number, reader: Asn1Reader): Segment | undefined {
  if ((first & SEGMENTED) === 0) return undefined;
  return { sequence: reader.octet(), window: reader.octet(), more: (first & MORE_FOLLOWS) !== 0 };
}

function ended(reader: Asn1Reader, apdu: Apdu): Apdu {
  if (!reader.done) throw malformed('octets after its end');
  return apdu;
}
