import type { SerialTarget, TcpConnection, TcpEvents, TcpTarget } from '../../src/contract/network.js';
import { asciiFraming } from './ascii.js';
import type { BusSettings, OpenWay } from './bus-wire.js';
import type { ChannelHost } from './link.js';
import { rtuFraming } from './rtu.js';

export type FramingName = 'rtu' | 'ascii';

const framings = { rtu: rtuFraming, ascii: asciiFraming } as const;

/** A gateway that passes bytes through adds its own silence on the line; this keeps our frames apart on the way there. */
const TCP_QUIET_MS = 2;

/** Clause 2.5.1.1: 3.5 characters of silence between frames, and 1.75 ms above 19200 baud. */
const QUIET_CHARACTERS = 3.5;
const FAST_BAUD = 19_200;
const FAST_QUIET_MS = 1.75;

/** Serial frames over TCP connections, the ways to one device server tried in turn. */
export function tcpBus(name: string, [first, ...others]: readonly [TcpTarget, ...TcpTarget[]], framing: FramingName): BusSettings {
  const open = (target: TcpTarget): OpenWay => ({ network }, events) => network.connectTcp(target, events);
  return { name, framing: framings[framing], charMs: 0, quietMs: TCP_QUIET_MS, open: [open(first), ...others.map(open)] };
}

export function serialBus(target: SerialTarget, framing: FramingName): BusSettings {
  const { path, baud, dataBits, parity, stopBits } = target;
  const charMs = ((1 + dataBits + Number(parity !== 'none') + stopBits) * 1000) / baud;
  return {
    name: path,
    framing: framings[framing],
    charMs,
    quietMs: baud > FAST_BAUD ? FAST_QUIET_MS : QUIET_CHARACTERS * charMs,
    open: [(host, events) => openPort(host, target, events)],
  };
}

function openPort({ network, timers }: ChannelHost, target: SerialTarget, events: TcpEvents): TcpConnection {
  if (network.openSerial !== undefined) return network.openSerial(target, events);
  timers.after(0, () => events.onClose('unreachable'));
  return { remote: { host: target.path, port: 0 }, bufferedBytes: 0, write: () => undefined, destroy: () => undefined };
}
