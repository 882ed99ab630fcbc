/** BACnet/IP link layer (ANSI/ASHRAE 135 annex J.2) and network layer header (clause 6.2). */
import { Asn1Reader, Asn1Writer, concatenated, malformed } from './asn1.js';

/** Where a device is: an IP address and port, and behind a router also network number and MAC. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  readonly route?: Route;
}

export interface Route {
  /** 1 … 65534 */
  readonly network: number;
  /** Hexadecimal, two digits an octet: `05` on MS/TP, `0a140105bac0` on BACnet/IP. */
  readonly mac: string;
}

export function peerKey(peer: Peer): string {
  return peer.route === undefined ? `${peer.host}:${peer.port}` : `${peer.host}:${peer.port}/${peer.route.network}:${peer.route.mac}`;
}

export interface Datagram {
  readonly apdu: Uint8Array;
  /** SNET and SADR, where a router passed it on. */
  readonly source?: Route;
  /** The sender before a BBMD forwarded it (J.2.5); its claim is good for discovery only. */
  readonly forwardedFrom?: { host: string; port: number };
  readonly broadcast: boolean;
}

const BVLL = 0x81;
const RESULT = 0x00;
const REGISTER_FOREIGN_DEVICE = 0x05;
const DISTRIBUTE_BROADCAST = 0x09;
const FORWARDED = 0x04;
const UNICAST = 0x0a;
const BROADCAST = 0x0b;
const GLOBAL_NETWORK = 0xffff;
const HOP_COUNT = 255;
/** Bit of the control octet: a message of the network layer, whose type comes next. */
const NETWORK_MESSAGE = 0x80;
const WHO_IS_ROUTER = 0x00;
const I_AM_ROUTER = 0x01;
const REJECT = 0x03;

/** An APDU for one device. `expectingReply` is set for confirmed requests. */
export function encodeUnicast(apdu: Uint8Array, route: Route | undefined, expectingReply: boolean): Uint8Array {
  const control = (route === undefined ? 0 : 0x20) | (expectingReply ? 0x04 : 0);
  if (route === undefined) return linked(UNICAST, [1, control], apdu);
  const mac = macBytes(route.mac);
  return linked(UNICAST, [1, control, route.network >> 8, route.network & 0xff, mac.length, ...mac, HOP_COUNT], apdu);
}

/** An APDU for every device on every network; `distribute` for a BBMD that is to broadcast it (J.2.10). */
export function encodeGlobalBroadcast(apdu: Uint8Array, distribute = false): Uint8Array {
  return link(distribute ? DISTRIBUTE_BROADCAST : BROADCAST, new Asn1Writer().octet(1).octet(0x20).word(GLOBAL_NETWORK).octet(0).octet(HOP_COUNT).octets(apdu).take());
}

/** Register-Foreign-Device, J.2.6. */
export function encodeRegistration(ttlS: number): Uint8Array {
  return link(REGISTER_FOREIGN_DEVICE, new Asn1Writer().word(ttlS).take());
}

/** The code of a BVLC-Result (J.2.1), 0 for success; undefined for anything else. */
export function decodeResult(data: Uint8Array): number | undefined {
  const [type, bvlc, , , high = 0, low = 0] = data;
  return type === BVLL && bvlc === RESULT && data.length === 6 ? high * 256 + low : undefined;
}

/** BVLC-Result codes by which one that is no BBMD refuses what only a BBMD does (J.2.1). */
const REFUSALS: Readonly<Record<number, number>> = { 0x01: 0x0010, 0x02: 0x0020, 0x05: 0x0030, 0x06: 0x0040, 0x08: 0x0050, 0x09: 0x0060 };

/** The refusal of a well-formed request to a BBMD; undefined for anything else. */
export function encodeRefusal(request: Uint8Array): Uint8Array | undefined {
  const [, bvlc = 0] = request;
  const code = REFUSALS[bvlc];
  return code === undefined ? undefined : link(RESULT, new Asn1Writer().word(code).take());
}

/** Who-Is-Router-To-Network, 6.4.1, to everybody on this network; `distribute` for a BBMD that is to broadcast it. */
export function encodeWhoIsRouter(network: number, distribute = false): Uint8Array {
  return link(distribute ? DISTRIBUTE_BROADCAST : BROADCAST, new Asn1Writer().octet(1).octet(NETWORK_MESSAGE).octet(WHO_IS_ROUTER).word(network).take());
}

/** What a router says of networks (6.4.2, 6.4.4). `reason` of a rejection: 1 there is no way there, 4 the message is too long for it … */
export type RouterMessage =
  | { readonly kind: 'leads-to'; readonly networks: readonly number[] }
  | { readonly kind: 'rejects'; readonly reason: number; readonly network: number };

/** Undefined for anything else. */
export function decodeRouterMessage(data: Uint8Array): RouterMessage | undefined {
  const reader = new Asn1Reader(data);
  reader.octet();
  const forwarded = reader.octet() === FORWARDED;
  reader.octets(forwarded ? 8 : 2);
  reader.octet(); // version: decodeDatagram has seen it
  const control = reader.octet();
  if ((control & NETWORK_MESSAGE) === 0) return undefined;
  const destination = (control & 0x20) !== 0 ? route(reader) : undefined;
  if ((control & 0x08) !== 0) route(reader);
  if (destination !== undefined) reader.octet();
  const type = reader.octet();
  if (type === REJECT) return { kind: 'rejects', reason: reader.octet(), network: reader.unsigned(2) };
  if (type !== I_AM_ROUTER) return undefined;
  const networks: number[] = [];
  while (!reader.done) networks.push(reader.unsigned(2));
  return { kind: 'leads-to', networks };
}

/** Undefined for what is well formed and none of our business: BVLC results, network layer messages. */
export function decodeDatagram(data: Uint8Array): Datagram | undefined {
  const reader = new Asn1Reader(data);
  if (reader.octet() !== BVLL) throw malformed('it is not BACnet/IP');
  const bvlc = reader.octet();
  if (reader.unsigned(2) !== data.length) throw malformed('its length is not the datagram’s');
  if (bvlc !== UNICAST && bvlc !== BROADCAST && bvlc !== FORWARDED) return undefined;
  const forwardedFrom = bvlc === FORWARDED ? { host: reader.octets(4).join('.'), port: reader.unsigned(2) } : undefined;
  if (reader.octet() !== 1) throw malformed('a network layer version other than 1');
  const control = reader.octet();
  const destination = (control & 0x20) !== 0 ? route(reader) : undefined;
  const source = (control & 0x08) !== 0 ? route(reader) : undefined;
  if (source !== undefined && (source.mac === '' || source.network === 0 || source.network === GLOBAL_NETWORK)) throw malformed('a source that cannot be one');
  if (destination !== undefined) reader.octet();
  // Bit 7: a message of the network layer. A destination other than "all": for the far side of a router, not for us.
  if ((control & 0x80) !== 0 || (destination !== undefined && destination.network !== GLOBAL_NETWORK)) return undefined;
  return { apdu: reader.rest(), broadcast: bvlc !== UNICAST, ...(source && { source }), ...(forwardedFrom && { forwardedFrom }) };
}

function route(reader: Asn1Reader): Route {
  const network = reader.unsigned(2);
  const mac = Buffer.from(reader.octets(reader.octet())).toString('hex');
  return { network, mac };
}

function link(bvlc: number, npdu: Uint8Array): Uint8Array {
  return linked(bvlc, [], npdu);
}

function linked(bvlc: number, header: readonly number[], rest: Uint8Array): Uint8Array {
  const length = 4 + header.length + rest.length;
  return concatenated([BVLL, bvlc, length >> 8, length & 0xff, ...header], rest);
}

function macBytes(mac: string): Uint8Array {
  return new Uint8Array(Buffer.from(mac, 'hex'));
}
