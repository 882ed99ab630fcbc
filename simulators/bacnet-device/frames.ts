/** Link, network and application headers of the virtual devices (annex J, clauses 6.2 and 20.1). */
import { WireError, WireReader, WireWriter } from './wire.js';

export interface Route {
  readonly network: number;
  /** Hexadecimal octets. */
  readonly mac: string;
}

export interface Frame {
  readonly broadcast: boolean;
  readonly destination?: Route;
  readonly source?: Route;
  readonly hopCount?: number;
  /** The sender before a BBMD passed it on (J.2.5). */
  readonly forwardedFrom?: { readonly host: string; readonly port: number };
  /** The message is the network layer's, and `apdu` its type with what follows. */
  readonly networkMessage: boolean;
  readonly apdu: Buffer;
}

export function parseFrame(data: Buffer): Frame {
  const reader = new WireReader(data);
  if (reader.byte() !== 0x81) throw new WireError('no BVLL');
  const purpose = reader.byte();
  if (reader.take(2).readUInt16BE() !== data.length) throw new WireError('BVLC length');
  if (purpose !== 0x0a && purpose !== 0x0b && purpose !== 0x04) throw new WireError(`BVLC function ${purpose}`);
  const forwardedFrom = purpose === 0x04 ? { host: [...reader.take(4)].join('.'), port: reader.take(2).readUInt16BE() } : undefined;
  if (reader.byte() !== 1) throw new WireError('NPDU version');
  const control = reader.byte();
  const destination = (control & 0x20) !== 0 ? address(reader) : undefined;
  const source = (control & 0x08) !== 0 ? address(reader) : undefined;
  const hopCount = destination === undefined ? undefined : reader.byte();
  return {
    broadcast: purpose !== 0x0a,
    networkMessage: (control & 0x80) !== 0,
    apdu: reader.take(reader.left),
    ...(destination && { destination }), ...(source && { source }), ...(hopCount !== undefined && { hopCount }), ...(forwardedFrom && { forwardedFrom }),
  };
}

/** `from` and `to` where router hops are to be seen. */
export function buildFrame(apdu: Uint8Array, options: { broadcast?: boolean; expectingReply?: boolean; from?: Route | undefined; to?: Route | undefined } = {}): Buffer {
  const { from, to } = options;
  const npdu = new WireWriter().bytes(1, (to ? 0x20 : 0) | (from ? 0x08 : 0) | (options.expectingReply === true ? 4 : 0));
  for (const route of [to, from]) {
    if (route === undefined) continue;
    const mac = Buffer.from(route.mac, 'hex');
    npdu.bytes(route.network >> 8, route.network & 255, mac.length).raw(mac);
  }
  if (to) npdu.bytes(255);
  const body = npdu.raw(apdu).done();
  return new WireWriter().bytes(0x81, options.broadcast === true ? 0x0b : 0x0a, (body.length + 4) >> 8, (body.length + 4) & 255).raw(body).done();
}

function address(reader: WireReader): Route {
  const network = reader.take(2).readUInt16BE();
  return { network, mac: reader.take(reader.byte()).toString('hex') };
}

export interface ConfirmedRequest {
  readonly kind: 'confirmed';
  readonly invokeId: number;
  readonly service: number;
  readonly body: Buffer;
  /** Octets. */
  readonly maxApdu: number;
  /** How many segments of an answer the client takes; 0 none. */
  readonly maxSegments: number;
  readonly segment?: { readonly sequence: number; readonly window: number; readonly more: boolean };
}

export interface SegmentAcknowledgement {
  readonly kind: 'segment-ack';
  readonly invokeId: number;
  readonly negative: boolean;
  readonly sequence: number;
  readonly window: number;
}

export type Request =
  | ConfirmedRequest
  | SegmentAcknowledgement
  | { readonly kind: 'unconfirmed'; readonly service: number; readonly body: Buffer }
  | { readonly kind: 'abort'; readonly invokeId: number }
  | { readonly kind: 'answer'; readonly type: number; readonly invokeId: number };

const apduSizes = [50, 128, 206, 480, 1024, 1476];
/** "Unspecified" (0) and "more than 64" (7) are no limit (20.1.2.4). */
const segmentCounts = [Infinity, 2, 4, 8, 16, 32, 64, Infinity];

export function parseApdu(apdu: Buffer): Request {
  const reader = new WireReader(apdu);
  const head = reader.byte();
  switch (head >> 4) {
    case 0: return confirmed(head, reader);
    case 1: return { kind: 'unconfirmed', service: reader.byte(), body: reader.take(reader.left) };
    case 4: {
      if ((head & 1) !== 0) throw new WireError('a segment acknowledgement of a server, sent to a server');
      const ack: SegmentAcknowledgement = { kind: 'segment-ack', negative: (head & 2) !== 0, invokeId: reader.byte(), sequence: reader.byte(), window: reader.byte() };
      if (ack.window < 1 || ack.window > 127 || reader.left > 0) throw new WireError('a segment acknowledgement that is none');
      return ack;
    }
    case 7: return (head & 1) === 0 ? { kind: 'abort', invokeId: reader.byte() } : { kind: 'answer', type: 7, invokeId: reader.byte() };
    default: return { kind: 'answer', type: head >> 4, invokeId: reader.byte() };
  }
}

function confirmed(head: number, reader: WireReader): ConfirmedRequest {
  const sizes = reader.byte();
  const maxApdu = apduSizes[sizes & 15];
  if (maxApdu === undefined) throw new WireError('a size of APDU that does not exist');
  const invokeId = reader.byte();
  const segment = (head & 8) === 0 ? undefined : { sequence: reader.byte(), window: reader.byte(), more: (head & 4) !== 0 };
  const maxSegments = (head & 2) === 0 ? 0 : segmentCounts[(sizes >> 4) & 7] ?? 0;
  return { kind: 'confirmed', invokeId, service: reader.byte(), body: reader.take(reader.left), maxApdu, maxSegments, ...(segment && { segment }) };
}
