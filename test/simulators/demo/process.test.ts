import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { ask, startSimulator, type SimulatorProcess } from './child.js';

interface DeviceView {
  readonly name: string;
  readonly connectionsNow: number;
  readonly byRemote: Readonly<Record<string, { readonly connectionsNow: number; readonly requests: number; readonly writes: number }>>;
}

interface Address { readonly host: string; readonly port: number }

const deviceNames = ['plc-ahu', 'plc-plant', 'ddc-roof', 'vav-101', 'vav-102'];
const anyPort = JSON.stringify(Object.fromEntries(deviceNames.map((name) => [name, { host: '127.0.0.1', port: 0 }])));

/** One request and its answer over a plain socket. */
async function modbus(socket: Socket, ...pdu: number[]): Promise<number[]> {
  socket.write(Uint8Array.of(0, 1, 0, 0, 0, pdu.length + 1, 1, ...pdu));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return [...answer.subarray(7)];
}

async function connected({ host, port }: Address): Promise<Socket> {
  const socket = connect(port, host);
  await once(socket, 'connect');
  return socket;
}

describe('simulator process: building', () => {
  let simulator: SimulatorProcess;
  let addresses: Readonly<Record<string, Address>>;
  let port: number;

  beforeEach(async () => {
    simulator = await startSimulator('building-process', ['--addresses', anyPort]);
    addresses = simulator.ready.addresses as Readonly<Record<string, Address>>;
    port = simulator.ready.inspectPort;
  });

  afterEach(() => {
    simulator.child.kill('SIGKILL');
  });

  it('tells where its five devices are, and who did what to them', async () => {
    assert.deepEqual(Object.keys(addresses), deviceNames);
    const socket = await connected(addresses['plc-ahu']!);
    assert.deepEqual(await modbus(socket, 6, 0, 100, 0, 200), [6, 0, 100, 0, 200]);
    assert.deepEqual(await modbus(socket, 3, 0, 100, 0, 1), [3, 2, 0, 200]);
    const { body } = await ask<{ devices: DeviceView[] }>(port, '/devices');
    const ahu = body.devices.find(({ name }) => name === 'plc-ahu')!;
    assert.deepEqual(ahu.byRemote, { '127.0.0.1': { connectionsNow: 1, connectionsTotal: 1, requests: 2, writes: 1 } });
    const written = (await ask<{ writes: { area: string; address: number; values: number[] }[]; next: number }>(port, '/writes?device=plc-ahu')).body;
    assert.deepEqual(written.writes.map(({ area, address, values }) => ({ area, address, values })), [{ area: 'hr', address: 100, values: [200] }]);
    assert.deepEqual((await ask<{ writes: unknown[] }>(port, `/writes?device=plc-ahu&since=${written.next}`)).body.writes, []);
    const model = (await ask<{ inputs: { ahu: { supplySetpointC: number } } }>(port, '/model')).body;
    assert.equal(model.inputs.ahu.supplySetpointC, 20);
    socket.destroy();
  });

  it('holds a sensor, and breaks something in the building', async () => {
    await ask(port, '/set', { device: 'plc-ahu', point: 'AHU1.SaT', value: 35 });
    await ask(port, '/set', { device: 'model', point: 'smoke', value: true });
    const socket = await connected(addresses['plc-ahu']!);
    assert.deepEqual(await modbus(socket, 4, 0, 0, 0, 1), [4, 2, 350 >> 8, 350 & 0xff]);
    assert.deepEqual(await modbus(socket, 2, 0, 3, 0, 1), [2, 1, 1]);
    socket.destroy();
  });

  it('injects faults and takes them away', async () => {
    const address = addresses['plc-plant']!;
    await ask(port, '/faults', { device: 'plc-plant', fault: { kind: 'exception', code: 6 } });
    const socket = await connected(address);
    assert.deepEqual(await modbus(socket, 3, 0, 0, 0, 2), [0x83, 6]);
    await ask(port, '/faults', { device: 'plc-plant', fault: 'none' });
    assert.deepEqual(await modbus(socket, 3, 0, 0, 0, 2), [3, 4, 0x40, 0xe0, 0, 0], '7.0 degC as float32');
    const closed = once(socket, 'close');
    await ask(port, '/faults', { device: 'plc-plant', fault: 'off' });
    await closed;
    await assert.rejects(connected(address), /ECONNREFUSED/);
    await ask(port, '/faults', { device: 'plc-plant', fault: 'none' });
    (await connected(address)).destroy();
    for (const device of ['ddc-roof', 'vav-101']) {
      for (const fault of ['silent', 'garbage', 'none']) assert.equal((await ask(port, '/faults', { device, fault })).status, 200);
    }
  });

  it('answers a wrong question with 400 and what is right', async () => {
    for (const [path, body] of [['/x', undefined], ['/writes?device=x', undefined], ['/faults', { device: 'plc-ahu', fault: 'x' }], ['/faults', { device: 'vav-101', fault: 'x' }], ['/set', { device: 'plc-ahu' }], ['/set', { device: 'plc-ahu', point: 'x', value: 1 }], ['/set', { device: 'model', point: 'x', value: 1 }], ['/set', 7]] as const) {
      const answer = await ask<{ error: string }>(port, path, body);
      assert.equal(answer.status, 400, path);
      assert.ok(answer.body.error.length > 10);
    }
  });

  it('ends when its parent closes standard input', async () => {
    simulator.child.stdin?.end();
    assert.deepEqual(await simulator.exited, [0, null]);
  });

  it('ends on SIGTERM, with open connections', async () => {
    if (process.platform === 'win32') return;
    const socket = await connected(addresses['plc-ahu']!);
    socket.on('error', () => undefined);
    simulator.child.kill('SIGTERM');
    assert.deepEqual(await simulator.exited, [0, null]);
    socket.destroy();
  });
});

describe('simulator process: load', () => {
  it('counts, takes writes and is inspected', async () => {
    const simulator = await startSimulator('load-process', ['--points', '1000']);
    try {
      const port = simulator.ready.inspectPort;
      const socket = await connected(simulator.ready.address as Address);
      const first = await modbus(socket, 3, 0, 0, 0, 1);
      let later = first;
      while (later.join() === first.join()) later = await modbus(socket, 3, 0, 0, 0, 1);
      assert.deepEqual(await modbus(socket, 6, 20_005 >> 8, 20_005 & 0xff, 0, 77), [6, 20_005 >> 8, 20_005 & 0xff, 0, 77]);
      const { body } = await ask<{ units: number; counter: number; writable: number[] }>(port, '/model');
      assert.equal(body.writable[5], 77);
      assert.ok(body.units === 1 && body.counter > 0);
      assert.equal((await ask<{ writes: unknown[] }>(port, '/writes?device=load')).body.writes.length, 1);
      socket.destroy();
      simulator.child.stdin?.end();
      assert.deepEqual(await simulator.exited, [0, null]);
    } finally {
      simulator.child.kill('SIGKILL');
    }
  });
});
