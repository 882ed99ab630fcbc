import assert from 'node:assert/strict';
import modbusSerial from 'modbus-serial';
import { asciiFraming } from '../../../drivers/modbus/ascii.js';
import { UnitQueue } from '../../../drivers/modbus/unit-queue.js';
import type { Framing } from '../../../drivers/modbus/framing.js';
import { readRequest } from '../../../drivers/modbus/pdu.js';
import { crc16, rtuFraming } from '../../../drivers/modbus/rtu.js';
import { newPlc } from './rig.js';

const { default: ModbusRTU } = modbusSerial;
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('Modbus serial framing', () => {
  it('RTU: the example of the specification, and frames as mbpoll sends them', () => {
    // Serial line specification, clause 6.2.2: 02 07 gives 41 12.
    assert.equal(crc16(Uint8Array.of(2, 7)), 0x1241);
    assert.equal(hex(rtuFraming.encode(1, readRequest('hr', 0, 10))), '01030000000ac5cd');
    assert.equal(hex(rtuFraming.encode(17, readRequest('hr', 0x6b, 3))), '1103006b00037687');
  });

  it('ASCII: colon, digits, LRC, CR LF', () => {
    assert.equal(Buffer.from(asciiFraming.encode(17, readRequest('hr', 0x6b, 3))).toString('latin1'), ':1103006B00037E\r\n');
    assert.equal(asciiFraming.whole(Buffer.from(':1103006B00037F\r\n')), undefined);
  });

  for (const [name, framing] of Object.entries<Framing>({ rtu: rtuFraming, ascii: asciiFraming })) {
    it(`${name}: finds the answer after noise and the frames of others, in pieces, and not before it is whole`, () => {
      const request = readRequest('hr', 0, 2);
      const answer = framing.encode(5, bytes('03 04 00 01 00 02'));
      const data = Buffer.concat([Uint8Array.of(0, 0xff), framing.encode(6, bytes('03 04 00 09 00 09')), answer]);
      for (let end = 0; end < data.length; end++) assert.equal(framing.find(data.subarray(0, end), 5, request), undefined);
      assert.deepEqual(framing.find(data, 5, request), { start: data.length - answer.length, end: data.length, pdu: bytes('03 04 00 01 00 02') });
      assert.deepEqual(framing.find(framing.encode(5, Uint8Array.of(0x83, 2)), 5, request)?.pdu, Uint8Array.of(0x83, 2));
    });

    it(`${name}: no single changed bit passes`, () => {
      const answer = framing.encode(5, bytes('03 04 00 01 00 02'));
      for (let bit = 0; bit < answer.length * 8; bit++) {
        const spoilt = answer.slice();
        spoilt[bit >> 3]! ^= 1 << (bit & 7);
        assert.equal(framing.find(spoilt, 5, readRequest('hr', 0, 2)), undefined);
      }
    });
  }

  it('modbus-serial reads and writes the virtual PLC with RTU over TCP', async () => {
    const plc = newPlc();
    const port = await plc.listen('127.0.0.1', 0, {});
    plc.unit(7).set('hr', 3, [11, 22]);
    const client = new ModbusRTU();
    try {
      await client.connectTelnet('127.0.0.1', { port });
      client.setID(7);
      assert.deepEqual((await client.readHoldingRegisters(3, 2)).data, [11, 22]);
      await client.writeRegisters(4, [33]);
      assert.deepEqual(plc.unit(7).get('hr', 4), [33]);
    } finally {
      await new Promise<void>((resolve) => client.close(() => resolve()));
      await plc.close();
    }
  });
});

describe('Modbus bus queue', () => {
  const next = (queue: UnitQueue<{ unit: number; urgent: boolean }>, nowMs = 0): number | string => {
    const entry = queue.next(nowMs);
    return 'wakeAtMs' in entry ? `wake at ${entry.wakeAtMs}` : entry.unit;
  };

  it('serves urgent ones first and the units in turn', () => {
    const queue = new UnitQueue<{ unit: number; urgent: boolean }>();
    for (const unit of [1, 1, 1, 2, 3]) queue.add({ unit, urgent: false });
    queue.add({ unit: 4, urgent: true });
    assert.deepEqual([0, 0, 0, 0, 0, 0].map(() => next(queue)), [4, 1, 2, 3, 1, 1]);
    assert.equal(next(queue), 'wake at Infinity');
  });

  it('leaves a silent unit alone for ever longer, and forgets that once it answers', () => {
    const queue = new UnitQueue<{ unit: number; urgent: boolean }>();
    const ask = (nowMs: number): number | string => {
      queue.remove(() => true);
      queue.add({ unit: 1, urgent: false });
      return next(queue, nowMs);
    };
    const waits: (number | string)[] = [];
    for (let time = 0; time < 4; time++) {
      queue.silent(1, 0, 100);
      waits.push(ask(0));
    }
    assert.deepEqual(waits, ['wake at 100', 'wake at 400', 'wake at 800', 'wake at 1600']);
    queue.answered(1);
    queue.settled(1);
    assert.equal(ask(0), 1);
  });
});
