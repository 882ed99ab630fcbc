import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import BacnetJs, { ObjectType, PropertyIdentifier } from '@bacnet-js/client';
import NodeBacnet from 'node-bacnet';
import { exportEde } from '../../../drivers/bacnet/ede.js';
import { freePorts, until } from '../../system/processes.js';
import { Rig, type Run } from '../../system/rig.js';

const PORT = 47_908;

/** `tandem simulate bacnet` as its users run it: a process, asked by stock clients. */
describe('tandem simulate bacnet', function () {
  this.timeout(60_000);
  let rig: Rig;

  beforeEach(() => (rig = new Rig()));
  afterEach(() => rig.stop());

  async function simulate(...args: readonly string[]): Promise<{ readonly run: Run; readonly inspection: string }> {
    const [inspect = 0] = await freePorts(1);
    const run = rig.tandem('simulate', 'bacnet', '--port', String(PORT), '--inspect-port', String(inspect), ...args);
    await until('the devices are ready', () => {
      if (!run.running) throw new Error(run.stderr);
      return run.stdout.includes('ready ') ? true : undefined;
    });
    return { run, inspection: `http://127.0.0.1:${String(inspect)}` };
  }

  it('answers node-bacnet: Who-Is to all, every type of object, priorities, COV', async () => {
    const { run, inspection } = await simulate('--address', '127.0.72.11', '--devices', '3', '--instance', '70', '--change', '200');
    const client = new NodeBacnet({ port: PORT, interface: '127.0.72.1', broadcastAddress: '127.255.255.255', reuseAddr: false });
    try {
      await new Promise<void>((resolve) => client.on('listening', resolve));
      const found = new Set<number>();
      client.on('iAm', ({ payload }) => found.add(payload.deviceId));
      client.whoIs(`127.255.255.255:${String(PORT)}`, { lowLimit: 0, highLimit: 4_194_303 });
      await until('three devices answer', () => (found.size === 3 ? true : undefined));
      assert.deepEqual([...found].sort(), [70, 71, 72]);
      const at = `127.0.72.12:${String(PORT)}`;
      const multiple = promisify(client.readPropertyMultiple.bind(client));
      const { values: [device] } = await multiple(at, [{ objectId: { type: 8, instance: 71 }, properties: [{ id: 76 }, { id: 77 }] }]);
      assert.equal(device?.values[1]?.value[0]?.value, 'virtual-71');
      const objects = device.values[0]?.value.map((entry) => entry.value as { type: number; instance: number }) ?? [];
      assert.deepEqual([...new Set(objects.map(({ type }) => type))].sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 8, 12, 13, 14, 15, 17, 19, 20, 23, 24, 40, 45, 46, 48]);
      for (const object of objects.filter(({ type }) => type !== 8)) {
        const { values: [all] } = await multiple(at, [{ objectId: object, properties: [{ id: 85 }, { id: 111 }, { id: 77 }, { id: 79 }] }]);
        assert.equal(all?.values.length, 4);
        assert.equal(all.values[3]?.value[0]?.value, object.type);
      }
      const write = promisify(client.writeProperty.bind(client));
      const read = promisify(client.readProperty.bind(client));
      await write(at, { type: 1, instance: 1 }, 85, [{ type: 4, value: 44 }], { priority: 8 });
      assert.equal((await read(at, { type: 1, instance: 1 }, 87, { arrayIndex: 8 })).values[0]?.value, 44);
      let notified = 0;
      client.on('covNotifyUnconfirmed', () => notified++);
      await new Promise<void>((resolve, reject) => client.subscribeCov(at, { type: 23, instance: 1 }, 9, false, false, 60, {}, (error) => (error ? reject(error) : resolve())));
      await until('a meter counts', () => (notified >= 3 ? true : undefined));
      const { writes } = (await (await fetch(`${inspection}/writes?device=virtual-71`)).json()) as { writes: { object: string; value: number; priority: number }[] };
      assert.deepEqual(writes.map(({ object, value, priority }) => [object, value, priority]), [['AO:1', 44, 8]]);
    } finally {
      client.close();
    }
    assert.equal(await run.stop(), 0);
  });

  it('answers @bacnet-js/client from a map of devices, and misbehaves as it is told', async () => {
    const map = join(rig.folder, 'map.yaml');
    writeFileSync(map, 'devices:\n  - {instance: 9, name: roof, host: 127.0.72.31, maxApdu: 480, objects: [{object: "MSV:7", name: Mode, states: [off, auto, hand], value: 2}, {object: "AI:3", units: 62, value: 21.5}]}\n');
    const { inspection } = await simulate('--map', map, '--faults', 'delay=20,unknown=5', '--change', '0');
    const client = new BacnetJs.default({ port: PORT, interface: '127.0.72.30', reuseAddr: false, apduTimeout: 1_000 });
    try {
      await once(client as unknown as NodeJS.EventEmitter, 'listening');
      const to = { address: `127.0.72.31:${String(PORT)}` };
      const texts = await client.readProperty(to, { type: ObjectType.MULTI_STATE_VALUE, instance: 7 }, PropertyIdentifier.STATE_TEXT);
      assert.deepEqual(texts.values.map(({ value }) => String(value)), ['off', 'auto', 'hand']);
      const read = async (): Promise<unknown> => (await client.readProperty(to, { type: ObjectType.ANALOG_INPUT, instance: 3 }, PropertyIdentifier.PRESENT_VALUE)).values[0]?.value;
      assert.equal(await read(), 21.5);
      await assert.rejects(client.subscribeCov(to, { type: ObjectType.ANALOG_INPUT, instance: 3 }, 1, false, false, 60), /Reason:9/); // unrecognized service
      const fault = async (kind: unknown): Promise<number> => (await fetch(`${inspection}/faults`, { method: 'POST', body: JSON.stringify({ device: 'roof', fault: kind }) })).status;
      assert.equal(await fault({ kind: 'abort', code: 4 }), 200);
      await assert.rejects(read(), /Abort/i);
      assert.equal(await fault('silent'), 200);
      await assert.rejects(read(), /TIMEOUT/i);
      assert.equal(await fault('nonsense'), 400);
      assert.equal(await fault('none'), 200);
      assert.equal(await read(), 21.5);
    } finally {
      client.close();
    }
  });

  it('plays a site from its EDE file', async () => {
    const object = (type: number, instance: number, name: string, more: object = {}): object => ({ object: { type, instance }, name, commandable: false, ...more });
    const files = exportEde([{ instance: 5, name: 'AHU', problems: [], objects: [object(0, 1, 'SaT', { units: 62 }), object(14, 2, 'Mode', { commandable: true, states: ['off', 'on'] })] as never }], 'Tower', 'me', 0);
    const ede = join(rig.folder, 'Tower_EDE.csv');
    writeFileSync(ede, files.ede);
    writeFileSync(join(rig.folder, 'Tower_StateTexts.csv'), files.stateTexts);
    await simulate('--map', ede, '--address', '127.0.72.41');
    const client = new BacnetJs.default({ port: PORT, interface: '127.0.72.40', reuseAddr: false });
    try {
      await once(client as unknown as NodeJS.EventEmitter, 'listening');
      const texts = await client.readProperty({ address: `127.0.72.41:${String(PORT)}` }, { type: ObjectType.MULTI_STATE_OUTPUT, instance: 2 }, PropertyIdentifier.STATE_TEXT);
      assert.deepEqual(texts.values.map(({ value }) => String(value)), ['off', 'on']);
    } finally {
      client.close();
    }
  });

  it('says what is wrong with its options', async () => {
    for (const [args, said] of [[['--objects', 'XX:1'], /types are AI/], [['--faults', 'nonsense'], /there is no fault/], [['--devices', '0'], /--devices/], [['--address', 'here'], /IPv4/], [['--faults', 'drop=2'], /0 to 1/], [['--colour', 'red'], /colour/]] as const) {
      const run = rig.tandem('simulate', 'bacnet', ...args);
      assert.equal(await run.exit(), 2);
      assert.match(run.stderr, said);
    }
  });
});
