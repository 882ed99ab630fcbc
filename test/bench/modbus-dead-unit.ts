import { once } from 'node:events';
import { connect } from 'node:net';
import { readRequest } from '../../drivers/modbus/pdu.js';
import { rtuFraming } from '../../drivers/modbus/rtu.js';
import { BusRig } from '../drivers/modbus/bus-rig.js';

const UNITS = 8;
const LIVE = [1, 2, 3, 4, 5, 6, 7];
const TIMEOUT_MS = 500;

/**
 * Eight units on a line at 19200 baud, the last of them dead: polls per second of each live one, by the driver and by a
 * master that asks one after the other and waits. Returns the driver's share of its rate when all are alive.
 */
export async function deadUnitShare(log: (line: string) => void): Promise<number> {
  const rig = await BusRig.open(UNITS, { bus: { baud: 19_200 }, timeout: `${TIMEOUT_MS}ms` });
  const allAlive = await driverRate(rig, 3_000);
  rig.plc.faults.inject({ kind: 'hang' }, { unit: UNITS });
  const withDead = await driverRate(rig, 12_000);
  await Promise.all(rig.units.map(({ driver }) => driver.stop()));
  const naive = await naiveRate(rig.port, 0);
  const stubborn = await naiveRate(rig.port, 2);
  await rig.close();
  log(`polls/s of a live unit: all alive ${allAlive.toFixed(2)} · one dead: naive ${naive.toFixed(2)}, with two retries ${stubborn.toFixed(2)}, ours ${withDead.toFixed(2)}`);
  return Math.round((withDead / allAlive) * 100) / 100;
}

async function driverRate(rig: BusRig, ms: number): Promise<number> {
  const endMs = performance.now() + ms;
  let answered = 0;
  let deadIsAsked = false;
  await Promise.all(LIVE.map(async (unit) => {
    while (performance.now() < endMs) {
      if (!deadIsAsked) {
        deadIsAsked = true;
        void rig.poll(UNITS).finally(() => (deadIsAsked = false));
      }
      if ((await rig.poll(unit)).reachable) answered++;
    }
  }));
  return answered / LIVE.length / (ms / 1000);
}

async function naiveRate(port: number, retries: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const ask = (unit: number): Promise<boolean> => new Promise((resolve) => {
    let heard = Buffer.alloc(0);
    const done = (isAnswered: boolean): void => {
      clearTimeout(timer);
      socket.removeAllListeners('data');
      resolve(isAnswered);
    };
    const timer = setTimeout(() => done(false), TIMEOUT_MS);
    const pdu = readRequest('hr', 0, 2);
    socket.on('data', (data) => {
      heard = Buffer.concat([heard, data]);
      if (rtuFraming.find(heard, unit, pdu) !== undefined) done(true);
    });
    socket.write(rtuFraming.encode(unit, pdu));
  });
  const startMs = performance.now();
  let rounds = 0;
  for (; rounds < 4; rounds++) {
    for (let unit = 1; unit <= UNITS; unit++) {
      for (let attempt = 0; attempt <= retries && !(await ask(unit)); attempt++);
    }
  }
  const rate = rounds / ((performance.now() - startMs) / 1000);
  socket.destroy();
  return rate;
}
