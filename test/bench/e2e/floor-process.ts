import { connect, createServer, type Socket } from 'node:net';

/**
 * The least that Node needs for a gateway's work: a socket with one request in flight, a comparison, a frame to the
 * client after each scan. No types, no quality, no names, no disk, no standby.
 * Frame: u32 length of the rest, then u16 register and u16 value of each change, little endian.
 */
const [plcPort = 0, clientPort = 0, points = 0, periodMs = 0] = process.argv.slice(2).map(Number);
const REGISTERS = 125;
const values = new Int32Array(points).fill(-1);
const request = Buffer.from([0, 0, 0, 0, 0, 6, 1, 3, 0, 0, 0, 0]);
const changes = Buffer.alloc(4 + 4 * points);
let changed = 0;
let client: Socket | undefined;

const plc = connect(plcPort, '127.0.0.1');
plc.setNoDelay(true);
let input = Buffer.alloc(0);
let transaction = 0;
let start = 0;
let scanDueMs = performance.now();

function ask(): void {
  transaction = (transaction + 1) & 0xffff;
  request.writeUInt16BE(transaction, 0);
  request.writeUInt16BE(start, 8);
  request.writeUInt16BE(Math.min(REGISTERS, points - start), 10);
  plc.write(request);
}

function scan(): void {
  start = 0;
  changed = 0;
  ask();
}

function scanned(): void {
  changes.writeUInt32LE(4 * changed, 0);
  if (changed > 0) client?.write(Buffer.from(changes.subarray(0, 4 + 4 * changed)));
  scanDueMs = Math.max(scanDueMs + periodMs, performance.now());
  const waitMs = scanDueMs - performance.now();
  if (waitMs > 0) setTimeout(scan, waitMs);
  else if ((client?.writableLength ?? 0) > 1 << 20) client?.once('drain', scan);
  else scan();
}

plc.on('connect', scan);
plc.on('data', (data) => {
  input = input.length === 0 ? data : Buffer.concat([input, data]);
  const count = Math.min(REGISTERS, points - start);
  if (input.length < 9 + 2 * count) return;
  for (let index = 0; index < count; index++) {
    const value = ((input[9 + 2 * index] as number) << 8) | (input[10 + 2 * index] as number);
    if (values[start + index] === value) continue;
    values[start + index] = value;
    changes.writeUInt16LE(start + index, 4 + 4 * changed);
    changes.writeUInt16LE(value, 6 + 4 * changed);
    changed++;
  }
  input = input.subarray(9 + 2 * count);
  start += count;
  if (start < points) ask();
  else scanned();
});

createServer((socket) => {
  client = socket;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
}).listen(clientPort, '127.0.0.1');
process.on('disconnect', () => process.exit(0));
