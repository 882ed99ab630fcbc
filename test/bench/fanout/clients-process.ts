import { WebSocket } from 'ws';
import { readChanges } from '../../../src/client-sdk/binary-changes.js';
import type { RowFormat, ServerMessage } from '../../../src/contract/index.js';

/** Many clients of one node: `clients-process.js URL COUNT json|binary|stalled`. Answers `start` once all have their snapshot, and `report`. */
export interface FanoutReport {
  readonly frames: number;
  readonly bytes: number;
  /** From the time that is in a row to its arrival, of every tenth client. */
  readonly latencyMs: readonly number[];
}

const [url = '', count = '0', kind = 'json'] = process.argv.slice(2);
const rows: RowFormat = kind === 'binary' ? 'binary' : 'json';
const LOOKS = 10;
const AT_A_TIME = 50;
const sockets: WebSocket[] = [];
let frames = 0;
let bytes = 0;
let latencyMs: number[] = [];
let ready = 0;
let measuring = false;

function join(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { perMessageDeflate: false });
    sockets.push(socket);
    let isLive = false;
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', id: 'main', points: ['*'], rows })));
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isLive) {
        isLive = !isBinary && data.toString('utf8', 0, 30).includes('"snapshot"');
        if (!isLive) return;
        ready++;
        if (kind === 'stalled') socket.pause();
        resolve();
        return;
      }
      // A heartbeat is short; everything else that comes is a frame.
      if (!measuring || data.length < 250) return;
      frames++;
      bytes += data.length;
      if (index % LOOKS === 0) look(data, isBinary);
    });
  });
}

function look(data: Buffer, isBinary: boolean): void {
  const nowMs = Date.now();
  const message = isBinary ? readChanges(new Uint8Array(data).buffer) : (JSON.parse(data.toString('utf8')) as ServerMessage);
  if (message.type !== 'changes') return;
  const oldest = message.values.reduce((least, [, , , timeMs]) => Math.min(least, timeMs), Infinity);
  if (Number.isFinite(oldest)) latencyMs.push(nowMs - oldest);
}

async function start(): Promise<void> {
  for (let from = 0; from < Number(count); from += AT_A_TIME) await Promise.all(Array.from({ length: Math.min(AT_A_TIME, Number(count) - from) }, (_, index) => join(from + index)));
  process.send?.(ready);
}

process.on('message', (question: string) => {
  if (question === 'start') void start();
  if (question === 'measure') {
    measuring = true;
    frames = bytes = 0;
    latencyMs = [];
    process.send?.('measuring');
  }
  if (question === 'report') process.send?.({ frames, bytes, latencyMs });
});
