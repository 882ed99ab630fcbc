/** APDU headers, ANSI/ASHRAE 135 clause 20.1. Segmented messages are recognized and refused, not assembled yet. */
import { Asn1Reader, Asn1Writer, malformed } from './asn1.js';

export const ConfirmedService = { confirmedCovNotification: 1, subscribeCov: 5, readProperty: 12, readPropertyMultiple: 14, writeProperty: 15 } as const;
export const UnconfirmedService = { iAm: 0, unconfirmedCovNotification: 2, whoIs: 8 } as const;
export const AbortReason = { bufferOverflow: 1, segmentationNotSupported: 4, outOfResources: 9, apduTooLong: 11 } as const;
export const RejectReason = { unrecognizedService: 9 } as const;

/** What we accept in one piece; 1476 is the largest that BACnet/IP carries. */
export const MAX_APDU = 1476;
const MAX_APDU_CODE = 5;

export type Apdu =
  | { readonly type: 'confirmed'; readonly invokeId: number; readonly service: number; readonly body: Uint8Array; readonly segmented: boolean }
  | { readonly type: 'unconfirmed'; readonly service: number; readonly body: Uint8Array }
  | { readonly type: 'simple-ack'; readonly invokeId: number; readonly service: number }
  | { readonly type: 'complex-ack'; readonly invokeId: number; readonly service: number; readonly body: Uint8Array; readonly segmented: boolean }
  | { readonly type: 'error'; readonly invokeId: number; readonly service: number; readonly body: Uint8Array }
  | { readonly type: 'reject'; readonly invokeId: number; readonly reason: number }
  | { readonly type: 'abort'; readonly invokeId: number; readonly reason: number; readonly byServer: boolean }
  | { readonly type: 'segment-ack'; readonly invokeId: number };

export function decodeApdu(bytes: Uint8Array): Apdu {
  const reader = new Asn1Reader(bytes);
  const first = reader.octet();
  const segmented = (first & 0x08) !== 0;
  switch (first >> 4) {
    case 0: {
      reader.octet();
      const invokeId = reader.octet();
      if (segmented) reader.octets(2);
      return { type: 'confirmed', invokeId, service: reader.octet(), body: reader.rest(), segmented };
    }
    case 1: return { type: 'unconfirmed', service: reader.octet(), body: reader.rest() };
    case 2: return ended(reader, { type: 'simple-ack', invokeId: reader.octet(), service: reader.octet() });
    case 3: {
      const invokeId = reader.octet();
      if (segmented) reader.octets(2);
      return { type: 'complex-ack', invokeId, service: reader.octet(), body: reader.rest(), segmented };
    }
    case 4: return { type: 'segment-ack', invokeId: reader.octet() };
    case 5: return { type: 'error', invokeId: reader.octet(), service: reader.octet(), body: reader.rest() };
    case 6: return ended(reader, { type: 'reject', invokeId: reader.octet(), reason: reader.octet() });
    case 7: return ended(reader, { type: 'abort', invokeId: reader.octet(), reason: reader.octet(), byServer: (first & 1) !== 0 });
    default: throw malformed(`APDU type ${first >> 4}, which is reserved`);
  }
}

/** A confirmed request; a segmented answer is not accepted. */
export function encodeConfirmed(invokeId: number, service: number, body: Uint8Array): Uint8Array {
  return new Asn1Writer().octet(0x00).octet(MAX_APDU_CODE).octet(invokeId).octet(service).octets(body).take();
}

export function encodeUnconfirmed(service: number, body: Uint8Array): Uint8Array {
  return new Asn1Writer().octet(0x10).octet(service).octets(body).take();
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

function ended(reader: Asn1Reader, apdu: Apdu): Apdu {
  if (!reader.done) throw malformed('octets after its end');
  return apdu;
}
