import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modbusTcp } from '../../../drivers/modbus/index.js';
import { encodeMbap } from '../../../drivers/modbus/mbap.js';
import { readWriteRequest } from '../../../drivers/modbus/pdu.js';
import type { Network } from '../../../src/contract/index.js';
import { realNetwork } from '../../../src/platform/network.js';
import { requireTool } from '../../hooks.js';
import { hostOf, newPlc, parse } from './rig.js';

const UNIT = 9;

/** What the driver sends, piece by piece as it leaves; on the wire it is the machine's own network. */
function recording(sent: Uint8Array[]): Network {
  return {
    ...realNetwork,
    connectTcp: (target, events) => {
      const connection = realNetwork.connectTcp(target, events);
      return {
        remote: connection.remote,
        get bufferedBytes() {
          return connection.bufferedBytes;
        },
        write: (data) => {
          sent.push(data.slice());
          connection.write(data);
        },
        destroy: () => connection.destroy(),
      };
    },
  };
}

/** A capture file in which these bytes go to port 502, one segment each: classic pcap, raw IPv4. */
function pcap(segments: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(101, 20); // LINKTYPE_RAW
  let sequence = 1;
  const packets = segments.map((data) => {
    const packet = Buffer.alloc(40);
    packet.writeUInt8(0x45);
    packet.writeUInt16BE(40 + data.length, 2);
    packet.writeUInt8(64, 8);
    packet.writeUInt8(6, 9);
    packet.set([10, 0, 0, 1, 10, 0, 0, 2], 12);
    packet.writeUInt16BE(40_000, 20);
    packet.writeUInt16BE(502, 22);
    packet.writeUInt32BE(sequence, 24);
    packet.writeUInt32BE(1, 28);
    packet.writeUInt8(0x50, 32);
    packet.writeUInt8(0x18, 33);
    packet.writeUInt16BE(8_192, 34);
    sequence += data.length;
    const record = Buffer.alloc(16);
    record.writeUInt32LE(40 + data.length, 8);
    record.writeUInt32LE(40 + data.length, 12);
    return Buffer.concat([record, packet, data]);
  });
  return Buffer.concat([header, ...packets]);
}

const fields = ['mbtcp.prot_id', 'mbtcp.unit_id', 'modbus.func_code', 'modbus.reference_num', 'modbus.word_cnt', 'modbus.bit_cnt', 'modbus.regval_uint16', 'modbus.bitval', 'modbus.data', 'modbus.and_mask', 'modbus.or_mask',
  'modbus.read_reference_num', 'modbus.read_word_cnt', 'modbus.write_reference_num', 'modbus.write_word_cnt', 'modbus.mei', 'modbus.read_device_id', 'modbus.object_id', '_ws.malformed'] as const;

/** What tshark finds in each segment: the fields that are there. */
function decoded(segments: readonly Uint8Array[]): Record<string, string>[] {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-tshark-'));
  try {
    const file = join(folder, 'modbus.pcap');
    writeFileSync(file, pcap(segments));
    const { stdout, stderr, status } = spawnSync('tshark', ['-r', file, '-T', 'fields', '-E', 'separator=;', ...fields.flatMap((field) => ['-e', field])], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout.trimEnd().split('\n').map((line) => Object.fromEntries(line.split(';').map((value, index) => [fields[index] ?? '', value] as const).filter(([, value]) => value !== '')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('Modbus: what the driver sends, as tshark decodes it', () => {
  it('every function code, with the fields that were meant', async function () {
    this.timeout(60_000);
    requireTool(this, 'tshark');
    const plc = newPlc();
    const unit = plc.unit(UNIT);
    unit.identification = new Map([[0, 'Tandem'], [1, 'VP'], [2, '1.0']]);
    const port = await plc.listen('127.0.0.1', 0);
    const sent: Uint8Array[] = [];
    const meant: Record<string, string>[] = [];
    const run = async (device: Record<string, unknown>, work: (driver: ReturnType<typeof modbusTcp.create>) => Promise<unknown>, ...fieldsMeant: Record<string, string>[]): Promise<void> => {
      const parsed = parse({ host: '127.0.0.1', port, unit: UNIT, ...device }, {
        Co: { at: 'co:19', write: { verify: 'none' } }, Di: { at: 'di:196', poll: 'normal' }, Hr: { at: 'hr:107', write: { verify: 'none' } }, Ir: { at: 'ir:8', type: 'float32', poll: 'slow' },
        Wide: { at: 'hr:300', type: 'int32', write: { verify: 'none' } }, Bit: { at: 'hr:400.3', write: { verify: 'none' } },
      });
      const driver = modbusTcp.create(hostOf({ network: recording(sent) }), parsed.device, parsed.points);
      driver.start('active');
      try {
        await work(driver);
      } finally {
        await driver.stop();
      }
      meant.push(...fieldsMeant.map((own) => ({ 'mbtcp.prot_id': '0', 'mbtcp.unit_id': String(UNIT), ...own })));
    };
    const write = (driver: ReturnType<typeof modbusTcp.create>, point: number, value: number): Promise<void> => driver.write({ point, value, priority: 16, timeoutMs: 2_000, permit: () => true });
    try {
      await run({}, (driver) => driver.poll('fast'),
        { 'modbus.func_code': '1', 'modbus.reference_num': '19', 'modbus.bit_cnt': '1' }, { 'modbus.func_code': '3', 'modbus.reference_num': '107', 'modbus.word_cnt': '1' },
        { 'modbus.func_code': '3', 'modbus.reference_num': '300', 'modbus.word_cnt': '2' }, { 'modbus.func_code': '3', 'modbus.reference_num': '400', 'modbus.word_cnt': '1' });
      await run({}, (driver) => driver.poll('normal'), { 'modbus.func_code': '2', 'modbus.reference_num': '196', 'modbus.bit_cnt': '1' });
      await run({}, (driver) => driver.poll('slow'), { 'modbus.func_code': '4', 'modbus.reference_num': '8', 'modbus.word_cnt': '2' });
      await run({}, (driver) => write(driver, 0, 1), { 'modbus.func_code': '5', 'modbus.reference_num': '19', 'modbus.data': 'ff00' });
      await run({}, (driver) => write(driver, 2, 4_321), { 'modbus.func_code': '6', 'modbus.reference_num': '107', 'modbus.data': '10e1' });
      await run({ writeMultiple: true }, (driver) => write(driver, 0, 1), { 'modbus.func_code': '15', 'modbus.reference_num': '19', 'modbus.bit_cnt': '1', 'modbus.data': '01' });
      await run({}, (driver) => write(driver, 4, -2), { 'modbus.func_code': '16', 'modbus.reference_num': '300', 'modbus.word_cnt': '2', 'modbus.regval_uint16': '65535,65534' });
      await run({ maskWrite: true }, (driver) => write(driver, 5, 1), { 'modbus.func_code': '22', 'modbus.reference_num': '400', 'modbus.and_mask': '0xfff7', 'modbus.or_mask': '0x0008' });
      await run({}, async (driver) => driver.identify?.(), { 'modbus.func_code': '43', 'modbus.mei': '14', 'modbus.read_device_id': '2', 'modbus.object_id': '0' });
    } finally {
      await plc.close();
    }
    // The driver has no use for it by itself; the frame must be right all the same.
    sent.push(encodeMbap(7, UNIT, readWriteRequest({ start: 3, count: 6 }, 14, Uint8Array.of(0, 255, 0, 254))));
    meant.push({ 'mbtcp.prot_id': '0', 'mbtcp.unit_id': String(UNIT), 'modbus.func_code': '23', 'modbus.read_reference_num': '3', 'modbus.read_word_cnt': '6', 'modbus.write_reference_num': '14', 'modbus.write_word_cnt': '2' });
    const found = decoded(sent);
    assert.deepEqual(found.map((own, index) => Object.fromEntries(Object.keys(meant[index] ?? {}).concat(own['_ws.malformed'] === undefined ? [] : ['_ws.malformed']).map((field) => [field, own[field]]))), meant);
  });
});
