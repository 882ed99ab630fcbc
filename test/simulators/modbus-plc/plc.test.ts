import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { realNetwork } from '../../../src/platform/network.js';
import { VirtualPlc, type FaultKind, type PlcWrite } from '../../../simulators/modbus-plc/index.js';
import { realTimers } from '../../../src/platform/time.js';
import { seededRandom } from '../../../simulators/virtual-time/index.js';

const clock = { wallMs: () => 1_000, monotonicMs: () => 0 };

/** Sends frames from a given local address and gathers what comes back until the PLC ends it or `bytes` are there. */
function talk(port: number, hex: string, bytes: number, localAddress = '127.0.0.1'): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, localAddress });
    let got = Buffer.alloc(0);
    const finish = (how: string): void => {
      socket.destroy();
      resolve(got.toString('hex') + how);
    };
    socket.on('connect', () => socket.write(Buffer.from(hex.replaceAll(' ', ''), 'hex')));
    socket.on('data', (data) => {
      got = Buffer.concat([got, data]);
      if (got.length >= bytes) finish('');
    });
    socket.on('error', (error: Error & { code?: string }) => finish(error.code ?? ''));
    socket.on('end', () => finish(' ended'));
  });
}

describe('virtual Modbus PLC', () => {
  let plc: VirtualPlc;
  let port: number;
  beforeEach(async () => {
    plc = new VirtualPlc({ network: realNetwork, clock, timers: realTimers, random: seededRandom(1) });
    port = await plc.listen('127.0.0.1', 0);
    plc.unit(1).set('hr', 0x6b, [0x022b, 0, 0x64]);
  });
  afterEach(() => plc.close());

  it('answers the example of the specification, and many requests in one segment', async () => {
    const request = '00 01 00 00 00 06 01 03 00 6b 00 03';
    const answer = '000100000009010306022b00000064';
    assert.equal(await talk(port, request, 15), answer);
    assert.equal(await talk(port, request.repeat(3), 45), answer.repeat(3));
  });

  it('answers what cannot be with the exceptions of clause 7', async () => {
    plc.unit(1).forbid('hr', 10, 2);
    const cases: readonly (readonly [request: string, exception: string])[] = [
      ['01 03 00 0b 00 01', '018302'], ['01 03 00 09 00 02', '018302'], ['01 03 ff ff 00 02', '018302'], ['01 03 00 00 00 00', '018303'], ['01 03 00 00 00 7e', '018303'],
      ['01 01 00 00 07 d1', '018103'], ['01 05 00 00 12 34', '018503'], ['01 2b 0e 01 00 00', '01ab01'], ['02 03 00 00 00 01', '02830b'], ['01 10 00 00 00 02', '019003'],
    ];
    for (const [request, exception] of cases) assert.equal(await talk(port, `00 01 00 00 00 06 ${request}`, 9), `000100000003${exception}`, request);
    assert.deepEqual(plc.ledger.writes, []);
  });

  it('keeps a ledger by remote host, so that one who touched nothing can be told from one who did', async () => {
    const seen: PlcWrite[] = [];
    plc.onWrite((write) => seen.push(write));
    await talk(port, '00 01 00 00 00 06 01 03 00 00 00 01', 11, '127.0.0.21');
    await talk(port, '00 01 00 00 00 09 01 10 00 05 00 01 02 12 34', 12, '127.0.0.22');
    const write = { timeMs: 1000, remote: '127.0.0.22', unit: 1, area: 'hr', address: 5, values: [0x1234] };
    assert.deepEqual(plc.ledger.writes, [write]);
    assert.deepEqual(seen, [write]);
    assert.deepEqual(plc.ledger.of('127.0.0.21').requests, { 3: 1 });
    assert.deepEqual(plc.ledger.of('127.0.0.22').requests, { 16: 1 });
    assert.deepEqual(plc.ledger.of('127.0.0.23'), { connections: 0, open: 0, requests: {}, writes: 0 });
  });

  it('lays values into registers in any order', () => {
    const unit = plc.unit(9);
    unit.setFloat32('hr', 0, 21.5);
    unit.setFloat32('hr', 2, 21.5, { wordOrder: 'little' });
    unit.setFloat32('hr', 4, 21.5, { byteOrder: 'little' });
    unit.setInt64('hr', 6, -2n);
    assert.deepEqual(unit.get('hr', 0, 10), [0x41ac, 0, 0, 0x41ac, 0xac41, 0, 0xffff, 0xffff, 0xffff, 0xfffe]);
    assert.equal(unit.getFloat32('hr', 0), 21.5);
  });

  it('does what it is told to do wrong, as often as it is told', async () => {
    const request = '00 01 00 00 00 06 01 03 00 6b 00 01';
    const right = '000100000005010302022b';
    const cases: readonly (readonly [fault: FaultKind, bytes: number, answer: string])[] = [
      [{ kind: 'exception', code: 4 }, 9, '000100000003018304'], [{ kind: 'delay', delayMs: 1 }, 11, right], [{ kind: 'duplicate' }, 22, right + right],
      [{ kind: 'wrong-transaction' }, 11, `5a5b${right.slice(4)}`], [{ kind: 'wrong-unit' }, 11, '000100000005020302022b'], [{ kind: 'wrong-function' }, 11, '000100000005010402022b'],
      [{ kind: 'wrong-length' }, 9, '000100000003010300'], [{ kind: 'cut-short' }, 5, '0001000000'], [{ kind: 'reset' }, 1, 'ECONNRESET'],
      [{ kind: 'busy' }, 9, '000100000003018306'], [{ kind: 'echo' }, 23, request.replaceAll(' ', '') + right], [{ kind: 'bad-crc' }, 11, right], [{ kind: 'wrong-echo' }, 11, '000100000005010302022a'],
    ];
    for (const [fault, bytes, answer] of cases) {
      plc.faults.inject(fault, { times: 1, function: 3 });
      assert.equal(await talk(port, request, bytes), answer, fault.kind);
    }
    const second = request.replace('00 01', '00 02');
    plc.faults.inject({ kind: 'late' }, { times: 1 });
    assert.equal(await talk(port, `${request} ${second}`, 22), right + right.replace('0001', '0002'), 'late');
    for (const kind of ['drop', 'hang', 'dead'] as const) {
      plc.faults.inject({ kind }, { times: 1 });
      assert.equal(await talk(port, `${request} ${request.replace('00 01', '00 02')}`, 11), right.replace('0001', '0002'), kind);
    }
    assert.equal(await talk(port, request, 11), right);
  });

  it('closes a connection that does not speak Modbus, and one too many', async () => {
    assert.equal(await talk(port, Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex'), 1), ' ended');
    plc.maxConnections = 0;
    assert.match(await talk(port, '', 1), /ended|ECONNRESET/);
  });
});
