import assert from 'node:assert/strict';
import { initialBuilding, initialInputs, roomShapes, step } from '../../../simulators/building/building.js';
import { noise } from '../../../simulators/building/noise.js';
import { outdoorAt } from '../../../simulators/building/outdoor.js';
import { hour, minute, second, settled, withAhu, withRoom, workingMorning } from './run.js';

describe('building: rooms, weather, noise', () => {
  const start = settled(120);

  it('keeps every room comfortable on a working day', () => {
    start.rooms.forEach((room, index) =>
      assert.ok(Math.abs(room.temperatureC - 21.5) < 2, `${roomShapes[index]?.name} ${room.temperatureC}`));
  });

  it('warms a room whose set-point rises, with its reheat coil', () => {
    const later = step(start, withRoom(2, { setpointC: 24 }), hour).rooms[2]!;
    assert.ok(later.temperatureC > start.rooms[2]!.temperatureC + 1, `${later.temperatureC}`);
  });

  it('cools a room with the damper opened by hand, and gives it back', () => {
    const forced = step(start, withRoom(3, { damperOverridePct: 100 }), 20 * minute);
    assert.equal(forced.rooms[3]!.damperPct, 100);
    assert.ok(forced.rooms[3]!.temperatureC < start.rooms[3]!.temperatureC - 0.3);
    assert.ok(step(forced, initialInputs, 10 * minute).rooms[3]!.damperPct < 100);
  });

  it('lets carbon dioxide rise in the meeting room without air, above the alarm limit', () => {
    assert.ok(start.rooms[5]!.co2Ppm < 1_150, `${start.rooms[5]!.co2Ppm}`);
    assert.ok(step(start, withAhu({ fanCommand: false }), hour).rooms[5]!.co2Ppm > 1_200);
  });

  it('overheats the server closet when its damper is closed', () => {
    assert.ok(step(start, withRoom(0, { damperOverridePct: 0 }), 2 * hour).rooms[0]!.temperatureC > 27);
  });

  it('obeys a commanded mode and occupancy', () => {
    const off = step(start, withRoom(1, { mode: 'off', occupied: false }), 5 * minute).rooms[1]!;
    assert.deepEqual([off.mode, off.occupied, off.damperPct], ['off', false, 0]);
  });

  it('has warm afternoons, cold nights, and nobody there at night', () => {
    const midnight = Date.UTC(2025, 3, 16);
    const night = outdoorAt(midnight + 4 * hour, 1);
    const day = outdoorAt(midnight + 15 * hour, 1);
    assert.ok(day.temperatureC > night.temperatureC + 5);
    assert.ok(day.sunPct > 0 && night.sunPct === 0);
    assert.ok(day.occupancy > 0.9 && night.occupancy < 0.1);
    assert.ok(outdoorAt(midnight + 4 * 24 * hour + 11 * hour, 1).occupancy < 0.1, 'Sunday');
  });

  it('stays finite and within bounds for three days', () => {
    let state = initialBuilding(workingMorning, 7);
    for (let at = 0; at < 72; at++) {
      state = step(state, initialInputs, hour);
      for (const value of [state.ahu.supplyC, state.plant.chilledSupplyC, state.rooftop.supplyC, ...state.rooms.map((room) => room.temperatureC)]) {
        assert.ok(Number.isFinite(value) && value > 2 && value < 40, `${value} after ${at} h`);
      }
    }
  });

  it('is a pure function of its arguments and its seed', () => {
    const one = settled(5, 3);
    assert.deepEqual(settled(5, 3), one);
    assert.notDeepEqual(settled(5, 4).outdoor, one.outdoor);
  });

  it('makes noise that is bounded, centred, repeatable and different each second', () => {
    const values = Array.from({ length: 5_000 }, (_, at) => noise(1, 'x', at * second));
    assert.ok(values.every((value) => value >= -1 && value < 1));
    assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length) < 0.05);
    assert.equal(new Set(values).size > 4_900, true);
    assert.equal(noise(1, 'x', 1_234), noise(1, 'x', 1_234));
  });
});
