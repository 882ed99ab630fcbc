import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { ServerMessage, WireRow } from '../../../src/contract/client-protocol.js';
import { Tally } from './tally.js';

/**
 * The client of the bench: `gateway URL POINTS` follows a node by the client protocol, `floor PORT POINTS` the floor; `stalled URL 0`
 * asks for everything and reads nothing of it.
 */
const [kind, where = '', count = ''] = process.argv.slice(2);
const points = Number(count);
const tally = new Tally(points);

function followGateway(url: string): void {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { perMessageDeflate: false, maxPayload: 1 << 28 });
  const again = (): void => void setTimeout(() => followGateway(url), 20);
  const take = (rows: readonly WireRow[]): void => {
    const nowMs = Date.now();
    for (const [point, value, quality] of rows) tally.add(point, typeof value === 'number' ? value : null, quality < 64, nowMs);
  };
  let subscribed = false;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as ServerMessage;
    if ((message.type === 'hello' || message.type === 'role') && message.role === 'active' && !subscribed) {
      subscribed = true;
      socket.send(JSON.stringify({ type: 'subscribe', id: 'main', points: ['*'] }));
    } else if (message.type === 'snapshot') {
      if (message.points.some(({ index, name }) => index < points && name !== `P${String(index).padStart(5, '0')}`)) throw new Error('points are not in the order of their registers');
      take(message.values);
    } else if (message.type === 'changes') {
      take(message.values);
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', again);
}

function followFloor(port: number): void {
  const socket = connect(port, '127.0.0.1');
  let input = Buffer.alloc(0);
  socket.on('data', (data) => {
    input = input.length === 0 ? data : Buffer.concat([input, data]);
    const nowMs = Date.now();
    while (input.length >= 4) {
      const length = input.readUInt32LE(0);
      if (input.length < 4 + length) return;
      for (let at = 4; at < 4 + length; at += 4) tally.add(input.readUInt16LE(at), input.readUInt16LE(at + 2), true, nowMs);
      input = input.subarray(4 + length);
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => void setTimeout(() => followFloor(port), 20));
}

/** Asks for all points, then leaves what comes lying in the socket; asks again when it is cut off. */
function stall(url: string): void {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { perMessageDeflate: false });
  socket.once('message', () => {
    socket.send(JSON.stringify({ type: 'subscribe', id: 'stalled', points: ['*'], anyRole: true }));
    socket.pause();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => void setTimeout(() => stall(url), 200));
}

process.on('message', (message) => {
  if (message === 'reset') tally.reset();
  process.send?.(tally.seen());
});
process.on('disconnect', () => process.exit(0));
if (kind === 'gateway') followGateway(where);
else if (kind === 'stalled') stall(where);
else followFloor(Number(where));
