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
  readonly apdu: Buffer;
}

export function parseFrame(data: Buffer): Frame {
  const reader = new WireReader(data);
  if (reader.byte() !== 0x81) throw new WireError('no BVLL');
  const purpose = reader.byte();
  if (reader.take(2).readUInt16BE() !== data.length) throw new WireError('BVLC length');
  if (purpose !== 0x0a && purpose !== 0x0b) throw new WireError(`BVLC function ${purpose}`);
  if (reader.byte() !== 1) throw new WireError('NPDU version');
  const control = reader.byte();
  if ((control & 0x80) !== 0) throw new WireError('network layer message');
  const destination = (control & 0x20) !== 0 ? address(reader) : undefined;
  const source = (control & 0x08) !== 0 ? address(reader) : undefined;
  const hopCount = destination === undefined ? undefined : reader.byte();
  return {
    broadcast: purpose === 0x0b,
    apdu: reader.take(reader.left),
    ...(destination && { destination }), ...(source && { source }), ...(hopCount !== undefined && { hopCount }),
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

export type Request =
  | { readonly kind: 'confirmed'; readonly invokeId: number; readonly service: number; readonly body: Buffer; /** Octets. */ readonly maxApdu: number }
  | { readonly kind: 'unconfirmed'; readonly service: number; readonly body: Buffer }
  | { readonly kind: 'answer'; readonly type: number; readonly invokeId: number };

const apduSizes = [50, 128, 206, 480, 1024, 1476];

export function parseApdu(apdu: Buffer): Request {
  const reader = new WireReader(apdu);
  const head = reader.byte();
  if (head >> 4 === 1) return { kind: 'unconfirmed', service: reader.byte(), body: reader.take(reader.left) };
  if (head >> 4 !== 0) return { kind: 'answer', type: head >> 4, invokeId: reader.byte() };
  const maxApdu = apduSizes[reader.byte() & 15];
  if (maxApdu === undefined || (head & 8) !== 0) throw new WireError('a size of APDU that does not exist, or a segmented request');
  return { kind: 'confirmed', invokeId: reader.byte(), service: reader.byte(), body: reader.take(reader.left), maxApdu };
}
