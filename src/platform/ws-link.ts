import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { TandemError, type CertificateFace, type Channel, type ChannelEvents, type CloseReason, type LinkTransport } from '../contract/index.js';
import { certificateOf, isTlsMismatch, mutualTls, speaksTls, type NodeIdentity } from './tls.js';

/** A snapshot of a million points is one message of 30 MB; what is larger than this is not from a Tandem. */
const MAX_MESSAGE_BYTES = 512 << 20;

/** What somebody may send before it is known who it is: a greeting takes a few hundred bytes, with TLS some thousands. */
const MAX_STRANGER_BYTES = 256 << 10;

const options = { perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES, skipUTF8Validation: false } as const;

/** The sync link over WebSockets at `/link`, in the clear (`tls: off`). */
export const webSocketLink: LinkTransport = linkOver(undefined);

/** The same over mutual TLS. `identity` is asked for each connection, so that a renewed certificate is used at once. */
export function secureWebSocketLink(identity: () => NodeIdentity): LinkTransport {
  return linkOver(identity);
}

function linkOver(identity: (() => NodeIdentity) | undefined): LinkTransport {
  return {
    listen: async (at, accept, onInsecure) => {
      const answer = (_request: unknown, response: { writeHead(status: number): { end(text: string): void } }): void => response.writeHead(426).end('this is the sync link of a Tandem node');
      const http = identity === undefined ? createServer(answer) : createSecureServer(mutualTls(identity()), answer);
      if (identity !== undefined && 'setSecureContext' in http) keepCurrent(http, identity);
      http.on('tlsClientError', (error: NodeJS.ErrnoException, socket: Socket) => {
        if (isTlsMismatch(error)) onInsecure?.(remoteOf(socket));
      });
      const server = new WebSocketServer({ server: http, path: '/link', ...options });
      // The HTTP server's own errors arrive here as well; they are answered below, while it starts.
      server.on('error', () => undefined);
      server.on('connection', (socket, request) => {
        const events = accept(channelOf(socket, remoteOf(request.socket), () => certificateOf(request.socket), () => request.socket));
        request.socket.setNoDelay(true);
        wire(socket, events);
      });
      await new Promise<void>((resolve, reject) => {
        http.once('error', (cause: NodeJS.ErrnoException) => {
          const message =
            cause.code === 'EADDRINUSE'
              ? `the sync link cannot listen at ${at.host}:${at.port}, the port is in use: stop what uses it or set listen.link in the node document`
              : `the sync link cannot listen at ${at.host}:${at.port}: ${cause.message}`;
          reject(new TandemError('PORT_IN_USE', message, { cause }));
        });
        http.listen(at.port, at.host, resolve);
      });
      return {
        port: (http.address() as AddressInfo).port,
        close: async () =>
          new Promise((resolve) => {
            server.close();
            http.close(() => resolve());
            http.closeAllConnections();
          }),
      };
    },
    dial: (to, connectTimeoutMs, events) => {
      const host = to.host.includes(':') ? `[${to.host}]` : to.host;
      const secure = identity === undefined ? {} : { ...mutualTls(identity()), checkServerIdentity: () => undefined };
      const socket = new WebSocket(`${identity === undefined ? 'ws' : 'wss'}://${host}:${to.port}/link`, { handshakeTimeout: connectTimeoutMs, ...options, ...secure });
      let stream: Socket | undefined;
      socket.on('upgrade', (response) => (stream = response.socket));
      let opened = false;
      socket.on('open', () => {
        opened = true;
        events.onOpen?.();
      });
      wire(socket, {
        ...events,
        onClose: (reason) => {
          // A TLS server cuts off who does not speak it, which looks like a crash: ask before that is believed.
          if (identity !== undefined || opened || reason !== 'reset') events.onClose(reason);
          else void speaksTls(to, connectTimeoutMs).then((yes) => events.onClose(yes ? 'insecure' : reason));
        },
      });
      return channelOf(socket, `${to.host}:${to.port}`, () => certificateOf(stream), () => stream);
    },
  };
}

/** A certificate that is renewed while the server listens. */
function keepCurrent(server: ReturnType<typeof createSecureServer>, identity: () => NodeIdentity): void {
  let used = identity();
  // Before the server's own listener, which takes the context for this very connection.
  server.prependListener('connection', () => {
    const now = identity();
    if (now === used) return;
    used = now;
    server.setSecureContext(mutualTls(now));
  });
}

function remoteOf(socket: Socket): string {
  return `${(socket.remoteAddress ?? '?').replace(/^::ffff:/, '')}:${String(socket.remotePort ?? 0)}`;
}

function channelOf(socket: WebSocket, remote: string, certificate: () => CertificateFace | undefined, stream: () => Socket | undefined): Channel {
  let shown: CertificateFace | undefined;
  const limit = (): void => {
    if ((stream()?.bytesRead ?? 0) > MAX_STRANGER_BYTES) socket.terminate();
  };
  // Beside the reader of messages, which would keep what has come of one until it is whole.
  const whenOpen = (): void => void stream()?.on('data', limit);
  if (socket.readyState === WebSocket.OPEN) whenOpen();
  else socket.once('open', whenOpen);
  return {
    remote,
    get certificate() {
      // Asked once: Node's socket gives it out a single time on the calling side.
      return (shown ??= certificate());
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    get bytesReceived() {
      return stream()?.bytesRead ?? 0;
    },
    admit: () => void stream()?.off('data', limit),
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    },
    destroy: () => socket.terminate(),
  };
}

function wire(socket: WebSocket, events: ChannelEvents): void {
  let reason: CloseReason = 'ended';
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: Buffer, isBinary) => events.onMessage(isBinary ? data : data.toString('utf8')));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reason = isTlsMismatch(error) ? 'insecure' : error.code === 'ECONNREFUSED' ? 'refused' : error.code === 'ECONNRESET' ? 'reset' : 'error';
  });
  socket.on('close', () => events.onClose(reason));
}
