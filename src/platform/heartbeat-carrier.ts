import { Worker } from 'node:worker_threads';
import { TandemError, type Endpoint, type HeartbeatCarrier } from '../contract/index.js';

/** What the thread answers. */
export type FromThread = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly message: string; readonly inUse: boolean } | { readonly kind: 'heard'; readonly text: string } | { readonly kind: 'closed' };
export type ToThread = { readonly kind: 'say'; readonly text: string } | { readonly kind: 'close' };
export interface ThreadData {
  readonly at: Endpoint;
  readonly to: Endpoint;
  readonly periodMs: number;
}

/** Heartbeats as UDP datagrams from a worker thread: a busy main thread does not look like a dead machine. */
export const threadedHeartbeats: HeartbeatCarrier = {
  open: async (at, to, periodMs, onMessage) => {
    const data: ThreadData = { at, to, periodMs };
    const worker = new Worker(new URL('./heartbeat-thread.js', import.meta.url), { workerData: data });
    const post = (message: ToThread): void => worker.postMessage(message);
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (message: FromThread) => {
        if (message.kind === 'ready') resolve();
        else if (message.kind === 'failed') reject(new TandemError(message.inUse ? 'PORT_IN_USE' : 'INTERNAL', `the second heartbeat path cannot use ${at.host}:${at.port}: ${message.message}`));
      });
    });
    let ended: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (ended = resolve));
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'heard') onMessage(message.text);
      else if (message.kind === 'closed') ended();
    });
    worker.once('exit', () => ended());
    return {
      say: (text) => post({ kind: 'say', text }),
      close: async () => {
        post({ kind: 'close' });
        await closed;
        await worker.terminate();
      },
    };
  },
};
