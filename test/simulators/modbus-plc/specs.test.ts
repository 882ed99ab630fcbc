import assert from 'node:assert/strict';
import { asciiFraming } from '../../../simulators/modbus-plc/framing/ascii.js';
import { rtuFraming } from '../../../simulators/modbus-plc/framing/rtu.js';
import { readFault, readFaultText } from '../../../simulators/modbus-plc/fault-spec.js';
import { readIdentification } from '../../../simulators/modbus-plc/identification.js';
import { backgroundOf } from '../../../simulators/modbus-plc/profiles.js';
import { applyMapRow } from '../../../simulators/modbus-plc/register-map.js';
import { unitsOf } from '../../../simulators/modbus-plc/units-spec.js';
import { Faults } from '../../../simulators/modbus-plc/index.js';
import { newPlc } from '../../drivers/modbus/rig.js';

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const text = (data: Uint8Array): string => Buffer.from(data).toString('ascii');
const ascii = (line: string): Uint8Array => Uint8Array.from(Buffer.from(line, 'ascii'));

describe('virtual PLC: framings', () => {
  it('ASCII: the frame of a read of unit 17, in pieces, in noise, with a wrong LRC', () => {
    const framing = asciiFraming();
    assert.deepEqual(framing.read(ascii('x:1103006B')), []);
    const [request] = framing.read(ascii('00037E\r\n')) ?? [];
    assert.deepEqual([request?.unit, hex(request?.pdu ?? new Uint8Array())], [17, '03006b0003']);
    assert.deepEqual(framing.read(ascii(':1103006B00037F\r\n')), []);
    assert.deepEqual(framing.read(ascii(':1103:1103006B00037E\r\n'))?.length, 1, 'a colon begins anew');
    assert.deepEqual(framing.read(ascii('a'.repeat(5_000))), []);
    assert.deepEqual(framing.read(ascii('\r\n:1103006b00037e\r\n'))?.length, 1, 'small letters are read too');
    const answer = framing.encode(17, Uint8Array.of(3, 2, 0, 10), 0);
    assert.equal(text(answer), ':110302000ADE\r\n'.replace('DE', 'E0'));
    assert.deepEqual(framing.read(framing.withBadCheck(answer)), []);
    assert.equal(framing.read(answer)?.length, 1);
  });

  it('RTU: every request with a length of its own, byte by byte and after noise', () => {
    for (const pdu of ['0100130013', '05 00ac ff00', '0f 0013 000a 02 cd01', '10 0001 0002 04 000a0102', '16 0004 00f2 0025', '17 0003 0006 000e 0003 06 00ff00ff00ff', '2b 0e 01 00']) {
      const bytes = Uint8Array.from(Buffer.from(pdu.replaceAll(' ', ''), 'hex'));
      const framing = rtuFraming();
      const frame = framing.encode(9, bytes, 0);
      // Noise whose bytes a receiver can take for the beginning of a request.
      const found = [...Uint8Array.of(0xff, 0x00, 0x41), ...frame, ...frame].flatMap((byte) => framing.read(Uint8Array.of(byte)) ?? []);
      assert.deepEqual(found.map((request) => [request.unit, hex(request.pdu)]), [[9, hex(bytes)], [9, hex(bytes)]], pdu);
      assert.deepEqual(rtuFraming().read(framing.withBadCheck(frame)), []);
    }
  });
});

describe('virtual PLC: device identification (43 / 14)', () => {
  const objects = new Map([[0, 'Tandem'], [1, 'VP-1'], [2, '1.0'], [5, 'Model'], [0x80, 'x'.repeat(200)], [0x81, 'y'.repeat(200)]]);
  const ask = (category: number, from = 0): string => hex(readIdentification(Uint8Array.of(43, 14, category, from), objects));

  it('answers the basic stream, single objects, and refuses what is not there', () => {
    assert.equal(ask(1), `2b0e01830000030006${Buffer.from('Tandem').toString('hex')}0104${Buffer.from('VP-1').toString('hex')}0203${Buffer.from('1.0').toString('hex')}`);
    assert.equal(ask(4, 5), `2b0e04830000010505${Buffer.from('Model').toString('hex')}`);
    assert.equal(ask(4, 7), 'ab02');
    assert.equal(ask(5), 'ab03');
    assert.equal(hex(readIdentification(Uint8Array.of(43, 13, 1, 0), objects)), 'ab01');
    assert.equal(hex(readIdentification(Uint8Array.of(43, 14, 1, 0), new Map())), 'ab01');
  });

  it('splits what does not fit, and goes on where it is asked to', () => {
    const first = readIdentification(Uint8Array.of(43, 14, 3, 0), objects);
    assert.ok(first.length <= 253);
    assert.deepEqual([...first.subarray(3, 7)], [0x83, 0xff, 0x81, 5]);
    const second = readIdentification(Uint8Array.of(43, 14, 3, 0x81), objects);
    assert.deepEqual([...second.subarray(3, 7)], [0x83, 0, 0, 1]);
  });
});

describe('virtual PLC: what people write', () => {
  it('units', () => {
    assert.deepEqual([unitsOf('1-3,7'), unitsOf(9), unitsOf('x'), unitsOf('5-2'), unitsOf('1-256'), unitsOf('')], [[1, 2, 3, 7], [9], undefined, undefined, undefined, undefined]);
  });

  it('faults, in a file and on the command line', () => {
    assert.deepEqual(readFaultText('delay:unit=1-3+9,rate=0.1,delayMs=250'), { fault: { kind: 'delay', delayMs: 250 }, scope: { unit: [1, 2, 3, 9], rate: 0.1 } });
    assert.deepEqual(readFaultText('busy'), { fault: { kind: 'busy' }, scope: {} });
    assert.deepEqual(readFault({ kind: 'exception', function: 3, times: 2 }), { fault: { kind: 'exception', code: 4 }, scope: { function: 3, times: 2 } });
    for (const [wrong, said] of [['nonsense', /there is no fault nonsense; there are exception, /], ['drop:rate=2', /rate: /], ['drop:code=2', /drop has no code/], ['drop:unit', /unit is not key=value/], ['drop:unit=0x9', /unit is a number or a range/], ['drop:colour=3', /colour/]] as const) {
      const complaint = readFaultText(wrong);
      assert.match(typeof complaint === 'string' ? complaint : 'none', said, wrong);
    }
  });

  it('a rate is a chance, a slow start is over in time', () => {
    let [chance, sinceStartMs] = [0.05, 0];
    const faults = new Faults({ random: { next: () => chance, hex: () => '' }, sinceStartMs: () => sinceStartMs });
    faults.inject({ kind: 'slow-start', forMs: 1000 }, { unit: 1 });
    faults.inject({ kind: 'busy' }, { unit: [2, 3], rate: 0.1 });
    assert.deepEqual([faults.take(1, 3).deaf, faults.take(2, 3).refusal, faults.take(4, 3).refusal], [true, 6, undefined]);
    [chance, sinceStartMs] = [0.1, 1000];
    assert.deepEqual([faults.take(1, 3).deaf, faults.take(2, 3).refusal], [undefined, undefined]);
  });

  it('a register map', () => {
    const plc = newPlc();
    const rows = [
      { units: '1-2', at: 'hr:10', type: 'float32', value: 21.5, wordOrder: 'little' }, { units: 1, at: 'co:3', value: true }, { units: 1, at: 'hr:100', value: [1, 2, 3] },
      { units: 1, at: 'ir:5', type: 'int64', value: '-9007199254740993' }, { units: 1, at: 'hr:500', missing: 10 }, { units: 1, identification: { 0: 'Maker' } },
    ];
    for (const row of rows) assert.equal(applyMapRow(plc, row), undefined, JSON.stringify(row));
    assert.deepEqual([plc.unit(2).get('hr', 10, 2), plc.unit(1).get('co', 3), plc.unit(1).get('hr', 100, 3)], [[0, 0x41ac], [1], [1, 2, 3]]);
    assert.deepEqual(plc.unit(1).get('ir', 5, 4), [0xffdf, 0xffff, 0xffff, 0xffff]);
    assert.deepEqual([plc.unit(1).exists('hr', 509, 1), plc.unit(1).exists('hr', 510, 1), plc.unit(1).identification.get(0)], [false, true, 'Maker']);
    for (const [wrong, said] of [[{ units: 1, at: '40001', value: 1 }, /hr:100/], [{ units: 1, at: 'hr:1' }, /value/], [{ units: 1, at: 'hr:65535', value: [1, 2] }, /ends beyond/], [{ units: 1, at: 'hr:1', type: 'int64', value: 1.5 }, /whole number/], [7, /expected object/]] as const) {
      assert.match(applyMapRow(plc, wrong) ?? '', said);
    }
  });

  it('profiles fill the whole space, and what is written stays', () => {
    let nowMs = 0;
    const clock = { wallMs: () => nowMs, monotonicMs: () => nowMs };
    const ramp = backgroundOf('ramp', clock)(2);
    const random = backgroundOf('random', clock)(1);
    const [before, other] = [random('hr', 7), random('ir', 7)];
    assert.deepEqual([ramp('hr', 5), backgroundOf('fixed', clock)(1)('hr', 65_000)], [2_005, 464]);
    assert.notEqual(before, other);
    assert.equal(random('hr', 7), before);
    nowMs = 3_000;
    assert.equal(ramp('hr', 5), 2_008);
    assert.notEqual(random('hr', 7), before);
  });
});
