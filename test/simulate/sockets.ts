import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ClientServer, ClientServerOptions } from '../../src/clients/index.js';
import { Presence } from '../../src/clients/presence.js';
import { SessionHub } from '../../src/clients/session-hub.js';
import type { WebSocketLike } from '../../src/client-sdk/index.js';
import type { Channel, Listener } from '../../src/contract/index.js';
import type { SimulatedHost } from '../../simulators/network/index.js';

/** Control messages travel as bytes, so that they cannot be mistaken for texts: opcodes of RFC 6455, section 5.5. */
const CLOSE = 8;
const PING = 9;
const PONG = 10;

const GOODBYE_MS = 300;

/**
 * What src/clients/client-server.ts is to HTTP, for the simulated network: the same sessions, subscriptions and
 * requests, and instead of fastify and ws an ordered channel of whole messages. REST and the console are left out.
 */
export function simulatedClients(host: SimulatedHost): (options: ClientServerOptions) => ClientServer {
  return ({ api, listen, clock, timers, log }) => {
    const hub = new SessionHub(api, timers, new Presence(clock), log);
    let listener: Listener | undefined;
    return {
      start: async () => {
        listener = await host.transport.listen(listen, (channel) => {
          const socket = new ServerSocket(channel);
          const request: unknown = { socket: { remoteAddress: channel.remote }, headers: {}, url: '/ws' };
          const seen: unknown = socket;
          const stream: unknown = socket.stream;
          hub.accept(seen as WebSocket, stream as Duplex, request as IncomingMessage);
          return { onMessage: (message) => socket.receive(message), onClose: () => socket.lost() };
        });
        hub.start();
      },
      stop: async () => {
        await hub.stop(GOODBYE_MS);
        await listener?.close();
      },
      port: listen.port,
      url: `http://${listen.host}:${listen.port}`,
      clients: () => hub.size,
      bufferedBytes: () => hub.bufferedBytes,
      encoded: () => hub.sets.counters,
    };
  };
}

/** What a session uses of a `ws` socket. */
class ServerSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly stream = new EventEmitter();

  constructor(private readonly channel: Channel) {
    super();
  }

  get bufferedAmount(): number {
    return this.channel.bufferedBytes;
  }

  send(bytes: Buffer): void {
    if (this.readyState === this.OPEN) this.channel.send(bytes.toString('utf8'));
  }

  ping(): void {
    this.channel.send(Uint8Array.of(PING));
  }

  close(code: number): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = 2;
    this.channel.send(Uint8Array.of(CLOSE, code >> 8, code & 0xff));
  }

  terminate(): void {
    if (this.readyState === 3) return;
    this.channel.destroy();
    this.lost();
  }

  receive(message: string | Uint8Array): void {
    if (this.readyState === 3) return;
    if (typeof message === 'string') this.emit('message', Buffer.from(message), false);
    else if (message[0] === PONG) this.emit('pong');
    else if (message[0] === CLOSE) {
      if (this.readyState === this.OPEN) this.channel.send(Uint8Array.of(CLOSE, 3, 232));
      this.terminate();
    }
  }

  lost(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.emit('close', 1006, Buffer.alloc(0));
  }
}

/** The browser's side: opens `ws://host:port/ws` on the simulated network. */
export function simulatedWebSocket(host: SimulatedHost): (url: string) => WebSocketLike {
  return (url) => {
    const { hostname, port } = new URL(url);
    const events = new EventEmitter();
    let over = false;
    const end = (code: number): void => {
      if (over) return;
      over = true;
      events.emit('close', { code });
    };
    const channel = host.transport.dial({ host: hostname, port: Number(port) }, 3_000, {
      onMessage: (message) => {
        if (over) return;
        if (typeof message === 'string') events.emit('message', { data: message });
        else if (message[0] === PING) channel.send(Uint8Array.of(PONG));
        else if (message[0] === CLOSE) {
          channel.send(Uint8Array.of(CLOSE, message[1] ?? 0, message[2] ?? 0));
          channel.destroy();
          end(((message[1] ?? 0) << 8) | (message[2] ?? 0));
        }
      },
      onClose: () => end(1006),
    });
    return {
      send: (data) => channel.send(data),
      close: () => {
        if (over) return;
        channel.send(Uint8Array.of(CLOSE, 3, 232));
        host.machine.after(1_000, () => channel.destroy());
      },
      terminate: () => {
        channel.destroy();
        end(1006);
      },
      addEventListener: (type: string, listener: unknown) => void events.on(type, listener as (event: unknown) => void),
    };
  };
}
