import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromThread, ThreadData, ToThread } from './heartbeat-carrier.js';

/** The thread of heartbeat-carrier.ts. It knows nothing of what it carries. */
const { at, to, periodMs } = workerData as ThreadData;
const post = (message: FromThread): void => parentPort?.postMessage(message);
const socket = createSocket({ type: isIPv6(at.host) ? 'udp6' : 'udp4' });
let said: string | undefined;
// A port that nobody listens at shows up as an error of a later call; the receiver's silence says the same.
const send = (): void => {
  if (said !== undefined) socket.send(said, to.port, to.host, () => undefined);
};

socket.once('error', (error: NodeJS.ErrnoException) => post({ kind: 'failed', message: error.message, inUse: error.code === 'EADDRINUSE' }));
socket.bind({ address: at.host, port: at.port, exclusive: true }, () => {
  socket.removeAllListeners('error');
  socket.on('error', () => undefined);
  socket.on('message', (data) => post({ kind: 'heard', text: data.toString('utf8') }));
  const timer = setInterval(send, periodMs);
  parentPort?.on('message', (message: ToThread) => {
    if (message.kind === 'say') {
      said = message.text;
      send();
      return;
    }
    clearInterval(timer);
    socket.close(() => post({ kind: 'closed' }));
  });
  post({ kind: 'ready' });
});
