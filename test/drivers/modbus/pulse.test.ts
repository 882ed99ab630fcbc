import assert from 'node:assert/strict';
import { modbusTcp } from '../../../drivers/modbus/index.js';
import { readRegisterMap } from '../../../drivers/modbus/register-map.js';
import type { WriteRules } from '../../../src/contract/index.js';
import { collectProblems, parse, Rig, type Found } from './rig.js';

describe('Modbus: pulses and addresses that can only be written', () => {
  let rig: Rig;
  afterEach(() => rig.close());
  const only = (rules: Partial<WriteRules> = {}): Partial<WriteRules> => ({ only: true, ...rules });

  it('a pulse is done when the device echoes it, though it reads as its rest', async () => {
    rig = await Rig.open({ Start: { at: 'co:3', write: { pulse: true, repeatable: false } }, Run: { at: 'di:1' } });
    const unit = rig.plc.unit(1);
    // A step relay: each pulse turns the machine on or off, and the coil falls back at once.
    rig.plc.onWrite(({ values }) => {
      if (values[0] === 1) unit.setBool('di', 1, unit.get('di', 1)[0] !== 1);
      unit.setBool('co', 3, false);
    });
    await rig.write('Start', 1);
    assert.deepEqual((await rig.poll()).values, { Start: 0, Run: 1 });
    rig.plc.faults.inject({ kind: 'exception', code: 5 }, { times: 1, function: 5 });
    // "Taken, still working" is not asked again: that would be a second pulse.
    await assert.rejects(rig.write('Start', 1), { code: 'FIELD_NOT_VERIFIED' });
    assert.deepEqual((await rig.poll()).values, { Start: 0, Run: 1 });
  });

  it('a write-only register is never read: not polled, not in a gap, not to verify, not by whoever asks', async () => {
    rig = await Rig.open({
      Before: { at: 'hr:9' }, Reset: { at: 'hr:10', write: only() }, After: { at: 'hr:11' },
      Key: { at: 'hr:20.3', write: only() }, Text: { at: 'hr:30', type: 'string(4)', write: only({ verify: 'none' }) },
    }, { maskWrite: true });
    const unit = rig.plc.unit(1);
    unit.set('hr', 9, [1, 0, 3]);
    const reads: string[] = [];
    const get = unit.get.bind(unit);
    unit.get = (area, address, count) => {
      reads.push(`${area}:${address}+${count ?? 1}`);
      return get(area, address, count);
    };
    assert.deepEqual((await rig.poll()).values, { Before: 1, After: 3, Reset: 'uncertain (writeOnly)', Key: 'uncertain (writeOnly)', Text: 'uncertain (writeOnly)' });
    await rig.write('Reset', 42);
    await rig.write('Key', 1);
    await rig.write('Text', 'go');
    const shown = rig.batches.slice(-3).map(({ points, values, qualities, texts }) => [rig.points[points[0]!]!.name, texts?.get(0) ?? values[0], qualities[0]! >> 6]);
    assert.deepEqual(shown, [['Reset', 42, 1], ['Key', 1, 1], ['Text', 'go', 1]]);
    await assert.rejects(rig.driver.read(rig.id('Reset')), { code: 'POINT_WRITE_ONLY' });
    assert.deepEqual([get('hr', 10), get('hr', 20)], [[42], [8]]);
    // Twice two blocks, around the register between.
    assert.equal(rig.plc.ledger.of('127.0.0.1').requests[3], 2);
    await rig.poll();
    assert.deepEqual([...new Set(rig.batches.flatMap((batch) => [...batch.points.subarray(0, batch.length)].filter((_, row) => batch.qualities[row] !== 0).map((id) => rig.points[id]!.name)))], ['Reset', 'Key', 'Text']);
  });

  it('fails as any other write, and shows nothing then; a device of nothing else is there while its connection is', async () => {
    rig = await Rig.open({ Reset: { at: 'hr:10', write: only() } });
    rig.plc.unit(1).forbid('hr', 10, 1);
    await assert.rejects(rig.write('Reset', 42), { code: 'FIELD_REJECTED' });
    assert.equal(rig.batches.length, 0);
    assert.deepEqual(await rig.poll(), { reachable: true, values: { Reset: 'uncertain (writeOnly)' } });
    assert.deepEqual(rig.plc.ledger.of('127.0.0.1').requests, { 6: 1 });
  });

  it('one bit of what cannot be read takes function 22', async () => {
    rig = await Rig.open({});
    const found: Found[] = [];
    const { device } = parse({ host: 'plc' }, {});
    const point = modbusTcp.parsePoint({ at: 'hr:20.3' }, device, { problems: collectProblems(found) });
    assert.ok(point);
    modbusTcp.checkPoints?.(device, [{ ...point, name: 'Key', write: { priority: 8, verify: 'echo', repeatable: true, only: true }, problems: collectProblems(found) }]);
    assert.match(found[0]?.message ?? '', /maskWrite/);
  });

  it('is in a register map as WO', async () => {
    rig = await Rig.open({});
    const { points } = readRegisterMap('name;at;access\nReset;hr:10;WO\nSp;hr:11;RW\n', { device: 'd' });
    assert.deepEqual([...points.values()].map(({ write }) => write), [{ only: true }, true]);
  });
});
