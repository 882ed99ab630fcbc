import assert from 'node:assert/strict';
import { initialBuilding, initialInputs } from '../../../simulators/building/building.js';
import type { BacnetSignal, PlcSignal } from '../../../simulators/building/signal.js';
import { fieldDevices } from '../../../simulators/building/devices.js';
import { demoPoints, type DemoPoint } from './demo-site.js';
import { workingMorning } from './run.js';

describe('building: every point of config/demo/site.yaml', () => {
  const points = demoPoints();
  const state = initialBuilding(workingMorning);

  it('has a signal in the device that the site names, and no signal is left over', () => {
    const signals = fieldDevices.flatMap((device) => device.signals.map((signal) => `${device.name} ${signal.point}`));
    assert.deepEqual(signals.sort(), points.map((point) => `${point.device} ${point.name}`).sort());
  });

  for (const device of fieldDevices) {
    it(`${device.name}: same ${device.kind === 'plc' ? 'register, type and scale' : 'object and states'}`, () => {
      for (const signal of device.signals) {
        const point = points.find((each) => each.name === signal.point);
        assert.ok(point !== undefined, signal.point);
        if (device.kind === 'plc') comparePlc(signal as PlcSignal, point);
        else compareBacnet(signal as BacnetSignal, point);
        assert.equal(signal.command !== undefined, point.write !== undefined, `${signal.point}: writable on one side only`);
      }
    });
  }

  it('begins with a value that is finite, and within the states where it has some', () => {
    for (const { signals } of fieldDevices) {
      for (const signal of signals) {
        const value = signal.read(state, initialInputs);
        assert.ok(Number.isFinite(value), signal.point);
        const states = points.find((point) => point.name === signal.point)?.states;
        if (states !== undefined) assert.ok(Number.isInteger(value) && value >= 0 && value < states.length, `${signal.point} ${value}`);
      }
    }
  });
});

function comparePlc(signal: PlcSignal, point: DemoPoint): void {
  assert.equal(`${signal.area}:${signal.offset}`, point.at, signal.point);
  assert.equal(signal.type, point.type, signal.point);
  assert.equal(signal.scale, point.scale ?? 1, signal.point);
}

function compareBacnet(signal: BacnetSignal, point: DemoPoint): void {
  assert.equal(signal.object, point.object, signal.point);
  assert.deepEqual(signal.states, point.states, signal.point);
  assert.equal(signal.unit, point.unit, signal.point);
}
