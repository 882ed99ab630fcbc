import assert from 'node:assert/strict';
import { initialInputs, step } from '../../../simulators/building/building.js';
import { hour, minute, second, settled, trace, withAhu, withPlant } from './run.js';

describe('building: plant and meters', () => {
  const start = settled();

  it('holds the chilled water near its set-point and follows a new one', () => {
    assert.ok(Math.abs(start.plant.chilledSupplyC - 7) < 0.7, `chilled ${start.plant.chilledSupplyC}`);
    assert.ok(Math.abs(step(start, withPlant({ chilledSetpointC: 10 }), 30 * minute).plant.chilledSupplyC - 10) < 0.7);
  });

  it('works harder when the air is to be colder', () => {
    const cold = step(start, withAhu({ supplySetpointC: 14, damperMinPct: 10 }), 15 * minute);
    assert.ok(cold.ahu.coolingKw > start.ahu.coolingKw);
    assert.ok(cold.plant.capacityPct > start.plant.capacityPct);
    assert.ok(cold.meters.hvacKw > start.meters.hvacKw);
  });

  it('starts the chiller with a delay and only with water', () => {
    const off = step(start, withPlant({ chillerCommand: false }), minute);
    assert.equal(off.plant.chiller.phase, 'off');
    const starting = trace(off, initialInputs, 15 * second).map((state) => state.plant.chiller.phase);
    assert.equal(starting[1], 'starting');
    assert.equal(starting.at(-1), 'running');
    assert.equal(step(step(off, withPlant({ chillerCommand: false, pumpCommands: [false, false] }), minute), withPlant({ pumpCommands: [false, false] }), minute).plant.chiller.phase, 'off');
  });

  it('trips the chiller that runs dry, until it is commanded off', () => {
    const dry = step(start, withPlant({ pumpsFail: true }), minute);
    assert.equal(dry.plant.chiller.phase, 'fault');
    assert.equal(step(dry, initialInputs, minute).plant.chiller.phase, 'fault');
    const reset = step(dry, withPlant({ chillerCommand: false }), second);
    assert.equal(step(reset, initialInputs, minute).plant.chiller.phase, 'running');
  });

  it('lets the chilled water warm up without a chiller, above the alarm limit', () => {
    assert.ok(step(start, withPlant({ chillerCommand: false }), 2 * hour).plant.chilledSupplyC > 12);
  });

  it('gives more flow with the second pump', () => {
    assert.ok(step(start, withPlant({ pumpCommands: [true, true] }), minute).plant.chilledFlow > start.plant.chilledFlow + 0.2);
  });

  it('heats the water to its set-point and lets it cool without the boiler', () => {
    assert.ok(Math.abs(step(start, withPlant({ hotSetpointC: 70 }), 10 * minute).plant.hotSupplyC - 70) < 1);
    assert.ok(step(start, withPlant({ boilerCommand: false }), hour).plant.hotSupplyC < 25);
  });

  it('integrates the meters and never counts back', () => {
    let before = start;
    for (const state of trace(start, initialInputs, 10 * minute)) {
      assert.ok(state.meters.mainKwh > before.meters.mainKwh);
      assert.ok(state.meters.hvacKwh > before.meters.hvacKwh);
      before = state;
    }
    const used = before.meters.mainKwh - start.meters.mainKwh;
    assert.ok(Math.abs(used - before.meters.mainKw / 6) < 3, `${used} kWh in ten minutes at ${before.meters.mainKw} kW`);
  });
});
