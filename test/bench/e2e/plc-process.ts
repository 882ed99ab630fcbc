import { createServer, type Socket } from 'node:net';

/**
 * A Modbus TCP server that costs as little as it can: register `i` holds `(milliseconds + i) mod 65536` of the
 * moment of the answer, so that every register changes with every read, and who sees a value knows its age.
 * Tells its parent on request how many registers it has served, by remote address and tenth of a second.
 */
const HEADER_BYTES = 9;
const REQUEST_BYTES = 12;
const served: Record<string, Record<number, number>> = {};

function serve(socket: Socket): void {
  const remote = socket.remoteAddress ?? '';
  let rest = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    const input = rest.length === 0 ? data : Buffer.concat([rest, data]);
    const answers: Buffer[] = [];
    let at = 0;
    for (; at + REQUEST_BYTES <= input.length; at += REQUEST_BYTES) answers.push(answer(input, at, remote));
    rest = input.subarray(at);
    if (answers.length > 0) socket.write(answers.length === 1 ? answers[0] as Buffer : Buffer.concat(answers));
  });
}

/** To a read of holding registers, the only request that comes here. */
function answer(input: Buffer, at: number, remote: string): Buffer {
  const start = input.readUInt16BE(at + 8);
  const count = input.readUInt16BE(at + 10);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + 2 * count);
  input.copy(frame, 0, at, at + 8);
  frame.writeUInt16BE(3 + 2 * count, 4);
  frame[8] = 2 * count;
  const nowMs = Date.now();
  const first = nowMs + start;
  for (let index = 0; index < count; index++) {
    const value = first + index;
    frame[HEADER_BYTES + 2 * index] = value >> 8;
    frame[HEADER_BYTES + 1 + 2 * index] = value;
  }
  const tenth = Math.floor(nowMs / 100);
  const tenths = (served[remote] ??= {});
  tenths[tenth] = (tenths[tenth] ?? 0) + count;
  return frame;
}

const server = createServer(serve);
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('ready'));
process.on('message', () => process.send?.(served));
process.on('disconnect', () => process.exit(0));
