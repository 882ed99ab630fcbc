import assert from 'node:assert/strict';
import { initialInputs, step } from '../../../simulators/building/building.js';
import { minute, second, settled, trace, withAhu, withPlant } from './run.js';

describe('building: air handling unit', () => {
  const start = settled();

  it('holds the supply temperature at its set-point', () => {
    for (const state of trace(start, initialInputs, 10 * minute)) assert.ok(Math.abs(state.ahu.supplyC - 18) < 0.5, `supply ${state.ahu.supplyC}`);
  });

  it('follows a higher set-point with the heating valve, a lower one with the cooling valve', () => {
    const warm = step(start, withAhu({ supplySetpointC: 23 }), 6 * minute);
    assert.ok(Math.abs(warm.ahu.supplyC - 23) < 0.6, `supply ${warm.ahu.supplyC}`);
    assert.ok(warm.ahu.heatingPct > 2);
    const cold = step(start, withAhu({ supplySetpointC: 14 }), 6 * minute);
    assert.ok(Math.abs(cold.ahu.supplyC - 14) < 0.6, `supply ${cold.ahu.supplyC}`);
    assert.ok(cold.ahu.coolingPct > 2);
  });

  it('shows a changed set-point within half a minute', () => {
    assert.ok(step(start, withAhu({ supplySetpointC: 22 }), 30 * second).ahu.supplyC > start.ahu.supplyC + 1);
  });

  it('reports the fan after a delay, both ways', () => {
    const stopping = trace(start, withAhu({ fanCommand: false }), 20 * second);
    assert.equal(stopping[0]?.ahu.fanStatus, true);
    assert.equal(stopping.at(-1)?.ahu.fanStatus, false);
    const starting = trace(stopping.at(-1)!, initialInputs, 20 * second);
    assert.equal(starting[0]?.ahu.fanStatus, false);
    assert.equal(starting.at(-1)?.ahu.fanStatus, true);
  });

  it('lets the supply air drift once the fan stands, without pressure or flow', () => {
    const { ahu } = step(start, withAhu({ fanCommand: false }), 5 * minute);
    assert.ok(ahu.supplyC > 23, `supply ${ahu.supplyC}`);
    assert.equal(ahu.ductPa, 0);
    assert.equal(ahu.filterPa, 0);
  });

  it('overheats with a jammed heating valve, as the alarm for high supply temperature wants', () => {
    assert.ok(step(start, withAhu({ heatingJammedPct: 100 }), 3 * minute).ahu.supplyC > 30);
  });

  it('obeys both valves in mode hand', () => {
    const { ahu } = step(start, withAhu({ mode: 'hand', handHeatingPct: 60, handCoolingPct: 0 }), 5 * minute);
    assert.ok(ahu.supplyC > 27, `supply ${ahu.supplyC}`);
    assert.equal(Math.round(ahu.heatingPct), 60);
  });

  it('controls the duct pressure in auto, within the speed that it may use', () => {
    assert.ok(Math.abs(step(start, withAhu({ pressureSetpointPa: 150 }), minute).ahu.ductPa - 150) < 5);
    assert.ok(Math.abs(step(start, withAhu({ fanSpeedPct: 50 }), minute).ahu.fanSpeedPct - 50) < 0.1);
  });

  it('purges with outdoor air only', () => {
    const state = step(start, withAhu({ mode: 'purge' }), 5 * minute);
    assert.equal(state.ahu.damperPct, 100);
    assert.ok(Math.abs(state.ahu.supplyC - state.outdoor.temperatureC) < 1.5);
  });

  it('reports a broken belt as a fault without air', () => {
    const { ahu } = step(start, withAhu({ beltBroken: true }), 10 * second);
    assert.equal(ahu.fanFault, true);
    assert.equal(ahu.fanStatus, false);
    assert.equal(ahu.flow, 0);
  });

  it('stops for smoke', () => {
    assert.equal(step(start, withAhu({ smoke: true }), 20 * second).ahu.fanStatus, false);
  });

  it('trips on frost and keeps it until the fan is commanded off', () => {
    const winter = { ...start, ahu: { ...start.ahu, supplyC: 2 } };
    const tripped = step(winter, initialInputs, minute);
    assert.equal(tripped.ahu.frost, true);
    assert.equal(tripped.ahu.fanStatus, false);
    assert.equal(step(tripped, withAhu({ fanCommand: false }), second).ahu.frost, false);
  });

  it('clogs the filter slowly and begins anew with a filter change', () => {
    const later = step(start, initialInputs, 60 * minute);
    assert.ok(later.ahu.filterPa > start.ahu.filterPa);
    assert.ok(step(later, withAhu({ filterChanged: true }), second).ahu.filterPa < 60);
  });

  it('cannot heat without the boiler', () => {
    const cold = step(start, withPlant({ boilerCommand: false }), 5 * minute);
    const { ahu } = step(cold, withAhu({ supplySetpointC: 24 }, withPlant({ boilerCommand: false })), 10 * minute);
    assert.ok(ahu.supplyC < 23, `supply ${ahu.supplyC}`);
    assert.equal(Math.round(ahu.heatingPct), 100);
  });
});
