import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { TandemError, type Channel, type ChannelEvents, type CloseReason, type LinkTransport } from '../contract/index.js';

/** A snapshot of a million points is one message of 30 MB; what is larger than this is not from a Tandem. */
const MAX_MESSAGE_BYTES = 512 << 20;

const options = { perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES, skipUTF8Validation: false } as const;

/** The sync link over WebSockets at `/link`. */
export const webSocketLink: LinkTransport = {
  listen: async (at, accept) => {
    const http = createServer((_request, response) => response.writeHead(426).end('this is the sync link of a Tandem node'));
    const server = new WebSocketServer({ server: http, path: '/link', ...options });
    // The HTTP server's own errors arrive here as well; they are answered below, while it starts.
    server.on('error', () => undefined);
    server.on('connection', (socket, request) => {
      const events = accept(channelOf(socket, `${request.socket.remoteAddress ?? '?'}:${String(request.socket.remotePort ?? 0)}`));
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
    const socket = new WebSocket(`ws://${to.host}:${to.port}/link`, { handshakeTimeout: connectTimeoutMs, ...options });
    socket.on('open', () => events.onOpen?.());
    wire(socket, events);
    return channelOf(socket, `${to.host}:${to.port}`);
  },
};

function channelOf(socket: WebSocket, remote: string): Channel {
  return {
    remote,
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
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
    reason = error.code === 'ECONNREFUSED' ? 'refused' : error.code === 'ECONNRESET' ? 'reset' : 'error';
  });
  socket.on('close', () => events.onClose(reason));
}
