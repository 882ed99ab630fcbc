import { createServer, Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import { networkInterfaces } from 'node:os';
import { TandemError } from '../contract/errors.js';
import type { CloseReason, Listener, Network, NetworkInterface, TcpConnection, TcpEvents, TcpTarget } from '../contract/network.js';
import { openUdp } from './network-udp.js';
import { openSerial } from './serial.js';

/** The machine's own sockets and serial ports. */
export const realNetwork: Network = { connectTcp, listenTcp, openUdp, openSerial, interfaces };

function interfaces(): NetworkInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, all]) => (all ?? []).filter(({ family }) => family === 'IPv4').map(({ address, netmask }) => ({ name, address, netmask })));
}

/** One buffer for all that a connection ever receives costs half the time of one for each chunk. */
const RECEIVE_BYTES = 16 << 10;

function connectTcp(target: TcpTarget, events: TcpEvents): TcpConnection {
  const buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES);
  const options: SocketConstructorOpts & ConnectOpts = {
    onread: {
      buffer,
      callback: (length) => {
        wire.receive(buffer.subarray(0, length));
        return true;
      },
    },
  };
  const socket = new Socket(options);
  const wire = attach(socket, events, { host: target.host, port: target.port });
  const timer = setTimeout(() => wire.fail('timeout'), target.connectTimeoutMs);
  socket.once('connect', () => {
    clearTimeout(timer);
    events.onOpen?.();
  });
  socket.once('close', () => clearTimeout(timer));
  try {
    socket.connect({
      host: target.host,
      port: target.port,
      noDelay: true,
      ...(target.localAddress === undefined ? {} : { localAddress: target.localAddress }),
    });
  } catch {
    // A local address that is none throws instead of failing as a connection does.
    wire.fail('error');
  }
  return wire.connection;
}

function listenTcp(at: { host: string; port: number }, accept: (connection: TcpConnection) => TcpEvents): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, (socket) => {
      // The events exist only once `accept` has seen the connection, so they are reached through a holder.
      const holder: { events?: TcpEvents } = {};
      const wire = attach(socket, { onData: (data) => holder.events?.onData(data), onClose: (reason) => holder.events?.onClose(reason) }, {
        host: plainHost(socket.remoteAddress ?? ''),
        port: socket.remotePort ?? 0,
      });
      socket.on('data', (data) => wire.receive(data));
      holder.events = accept(wire.connection);
      holder.events.onOpen?.();
    });
    server.once('error', (cause) => reject(listenError(at, cause)));
    server.listen(at.port, at.host, () => {
      const address = server.address();
      server.removeAllListeners('error');
      // A failing accept (no file descriptors left) concerns that connection, not the listener.
      server.on('error', () => undefined);
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : at.port,
        close: () => new Promise((closed) => {
          // The callback of close() waits for every connection; those belong to whoever accepted them.
          server.close();
          setImmediate(closed);
        }),
      });
    });
  });
}

interface Wire {
  readonly connection: TcpConnection;
  receive(data: Uint8Array): void;
  fail(reason: CloseReason): void;
}

/** Ties a socket to its events, so that `onClose` comes once and last, with the first reason that was seen. */
function attach(socket: Socket, events: TcpEvents, remote: { host: string; port: number }): Wire {
  let reason: CloseReason | undefined;
  let closed = false;
  const fail = (why: CloseReason): void => {
    reason ??= why;
    socket.destroy();
  };
  socket.on('end', () => fail('ended'));
  socket.on('error', (error) => {
    reason ??= closeReason(error);
  });
  socket.on('close', () => {
    if (closed) return;
    closed = true;
    events.onClose(reason ?? 'ended');
  });
  // A frame leaves at once; what follows it leaves together at the end of the turn: one system call, however many. Only then is
  // that end waited for, which costs a tenth of a request: a turn that has written once is over when something is received.
  let turn: 'none' | 'begun' | 'gathering' = 'none';
  let gathered = 0;
  const leave = (): void => {
    socket.uncork();
    turn = 'none';
    gathered = 0;
  };
  const connection: TcpConnection = {
    remote,
    get bufferedBytes() {
      return Math.max(0, socket.writableLength - gathered);
    },
    write: (data) => {
      if (reason !== undefined || socket.destroyed) return;
      if (turn === 'none') {
        turn = 'begun';
      } else {
        if (turn === 'begun') {
          socket.cork();
          process.nextTick(leave);
        }
        turn = 'gathering';
        gathered += data.length;
      }
      socket.write(data);
    },
    destroy: () => fail('local'),
    reset: () => {
      reason ??= 'local';
      socket.resetAndDestroy();
    },
  };
  const receive = (data: Uint8Array): void => {
    if (turn === 'begun') turn = 'none';
    if (reason === undefined) events.onData(data);
  };
  return { connection, receive, fail };
}

function closeReason(error: Error & { code?: string }): CloseReason {
  switch (error.code ?? '') {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
      return 'reset';
    case 'ETIMEDOUT':
      return 'timeout';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'unreachable';
    default:
      return 'error';
  }
}

/** IPv4 peers of a dual-stack listener come as `::ffff:10.0.0.1`; people and counters know them as 10.0.0.1. */
function plainHost(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function listenError(at: { host: string; port: number }, cause: Error & { code?: string }): TandemError {
  if (cause.code === 'EADDRINUSE') {
    return new TandemError('PORT_IN_USE', `port ${at.port} of ${at.host} is in use by another program`, { cause });
  }
  return new TandemError('INTERNAL', `cannot listen on ${at.host}:${at.port}: ${cause.message}`, { cause });
}
