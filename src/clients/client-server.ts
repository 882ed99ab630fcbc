import type { IncomingMessage } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { messageOf, TandemError, type Clock, type Endpoint, type ErrorCode, type HttpsSource, type Log, type Timers } from '../contract/index.js';
import type { RequestLimit } from './guard.js';
import { createHttpApp, tlsOptions } from './http-app.js';
import { limits } from './limits.js';
import type { NodeApi } from './node-api.js';
import { isWelcome } from './origins.js';
import type { EncodeCounters } from './point-set.js';
import { Presence } from './presence.js';
import { SessionHub } from './session-hub.js';

export interface ClientServerOptions {
  readonly api: NodeApi;
  readonly listen: Endpoint;
  /** Folder of the built console; without it nothing is served at `/`. */
  readonly consoleFolder?: string;
  /** Console, REST and WebSocket speak https. */
  readonly https?: HttpsSource;
  /** WebSockets at once; left out, as docs/client-protocol.md says. */
  readonly connections?: number;
  /** REST requests of one address; left out, 20,000 at once and 2,000 a second. */
  readonly requests?: RequestLimit;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export interface ClientServer {
  /** Rejects with PORT_IN_USE. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The port that is listened on, once started. */
  readonly port: number;
  readonly url: string;
  /** Open WebSockets. */
  clients(): number;
  /** Bytes that wait in all sockets for slow clients; buffers that sockets share count for each. */
  bufferedBytes(): number;
  /** How often messages for many were made. */
  encoded(): Readonly<EncodeCounters>;
}

/** How long clients may take to answer a close when the node stops. */
const GOODBYE_MS = 300;

/** HTTP, WebSocket and console of a node. */
export function createClientServer(options: ClientServerOptions): ClientServer {
  const { api, listen, clock, timers, https, connections = limits.connections } = options;
  const { log } = options;
  const presence = new Presence(clock);
  const app = createHttpApp({ api, clock, ...(options.requests === undefined ? {} : { requests: options.requests }), timers, presence, log, ...(options.consoleFolder === undefined ? {} : { consoleFolder: options.consoleFolder }), ...(https === undefined ? {} : { https: https.current() }) });
  const hub = new SessionHub(api, timers, presence, log);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.messageBytes, perMessageDeflate: false, clientTracking: false });
  let port = listen.port;
  let unwatch: (() => void) | undefined;

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const refuse = (status: number, title: string, code: ErrorCode, detail: string): void => {
      stream.on('error', () => undefined);
      const body = JSON.stringify({ type: 'about:blank', title, status, code, detail });
      stream.end(`HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    };
    if ((request.url ?? '').split('?')[0] !== '/ws') refuse(404, 'Not Found', 'CLIENT_MALFORMED', 'the WebSocket is at /ws');
    else if (!isWelcome(api, request.headers)) refuse(403, 'Forbidden', 'CLIENT_ORIGIN', 'pages of this origin may not ask: name it under `origins` of the node document');
    else if (hub.size >= connections) refuse(503, 'Service Unavailable', 'CLIENT_LIMIT', `at most ${connections} WebSockets at once`);
    else sockets.handleUpgrade(request, stream, head, (socket) => hub.accept(socket, stream, request));
  };

  return {
    async start() {
      app.server.on('upgrade', onUpgrade);
      presence.begin();
      try {
        await app.listen({ host: listen.host, port: listen.port });
      } catch (cause) {
        const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
        const at = `${listen.host}:${listen.port}`;
        throw new TandemError(inUse ? 'PORT_IN_USE' : 'INTERNAL', inUse ? `port ${at} is in use by another program` : `cannot listen on ${at}: ${messageOf(cause)}`, { cause });
      }
      const address = app.server.address();
      if (typeof address === 'object' && address !== null) port = address.port;
      const { server } = app;
      if (server instanceof SecureServer) unwatch = https?.watch((identity) => server.setSecureContext(tlsOptions(identity)));
      hub.start();
    },
    async stop() {
      unwatch?.();
      app.server.off('upgrade', onUpgrade);
      await hub.stop(GOODBYE_MS);
      sockets.close();
      await app.close();
    },
    get port() {
      return port;
    },
    get url() {
      return `${https === undefined ? 'http' : 'https'}://${shownHost(listen.host)}:${port}`;
    },
    clients: () => hub.size,
    bufferedBytes: () => hub.bufferedBytes,
    encoded: () => hub.sets.counters,
  };
}

/** A wildcard is where one listens, not where one can be reached. */
function shownHost(host: string): string {
  if (host === '' || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
