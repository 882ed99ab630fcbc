import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import type { Channel, Listener } from '../../src/contract/index.js';
import { webSocketLink } from '../../src/platform/ws-link.js';
import { until } from '../system/processes.js';

describe('the sync link over WebSockets', () => {
  let listener: Listener | undefined;
  let socket: WebSocket | undefined;

  afterEach(async () => {
    socket?.terminate();
    await listener?.close();
  });

  /** What one caller becomes at the other end. */
  async function called(): Promise<{ socket: WebSocket; channel: Channel; heard: number[]; closed: () => boolean }> {
    let channel: Channel | undefined;
    const heard: number[] = [];
    let isClosed = false;
    listener = await webSocketLink.listen({ host: '127.0.0.1', port: 0 }, (accepted) => {
      channel = accepted;
      return { onMessage: (message) => heard.push(message.length), onClose: () => (isClosed = true) };
    });
    const caller = (socket = new WebSocket(`ws://127.0.0.1:${String(listener.port)}/link`));
    caller.on('error', () => undefined);
    const accepted = await until('a caller', () => (caller.readyState === WebSocket.OPEN ? channel : undefined));
    return { socket: caller, channel: accepted, heard, closed: () => isClosed };
  }

  it('takes little from somebody of whom it does not know who it is', async () => {
    const { socket: caller, heard, closed } = await called();
    caller.send('a greeting');
    await until('the greeting', () => (heard.length === 1 ? true : undefined));
    caller.send('x'.repeat(1 << 20));
    await until('the end', () => (closed() ? true : undefined));
    assert.deepEqual(heard, [10]);
  });

  it('takes messages of any size from the partner, and says how much has come of one', async () => {
    const { socket: caller, channel, heard } = await called();
    channel.admit?.();
    const part = Buffer.alloc(1 << 20);
    caller.send(part, { fin: false });
    await until('a part of a message', () => ((channel.bytesReceived ?? 0) > part.length ? true : undefined));
    assert.deepEqual(heard, []);
    caller.send(part, { fin: true });
    await until('the whole of it', () => (heard.length === 1 ? true : undefined));
    assert.deepEqual(heard, [2 << 20]);
  });
});
