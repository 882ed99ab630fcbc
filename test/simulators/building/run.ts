import { initialBuilding, initialInputs, step, type BuildingInputs, type BuildingState } from '../../../simulators/building/building.js';

/** A Wednesday, 10:00: people are there. */
export const workingMorning = Date.UTC(2025, 3, 16, 10);

export const second = 1_000;
export const minute = 60_000;
export const hour = 3_600_000;

/** A building that has run for `minutes` as it was delivered. */
export function settled(minutes = 30, seed = 1): BuildingState {
  return step(initialBuilding(workingMorning, seed), initialInputs, minutes * minute);
}

export function withAhu(change: Partial<BuildingInputs['ahu']>, inputs = initialInputs): BuildingInputs {
  return { ...inputs, ahu: { ...inputs.ahu, ...change } };
}

export function withPlant(change: Partial<BuildingInputs['plant']>, inputs = initialInputs): BuildingInputs {
  return { ...inputs, plant: { ...inputs.plant, ...change } };
}

export function withRoom(index: number, change: Partial<BuildingInputs['rooms'][number]>, inputs = initialInputs): BuildingInputs {
  return { ...inputs, rooms: inputs.rooms.map((room, at) => (at === index ? { ...room, ...change } : room)) };
}

/** Every state of the run, one per `everyMs`. */
export function trace(from: BuildingState, inputs: BuildingInputs, durationMs: number, everyMs = second): BuildingState[] {
  const states: BuildingState[] = [];
  let state = from;
  for (let at = 0; at < durationMs; at += everyMs) {
    state = step(state, inputs, everyMs);
    states.push(state);
  }
  return states;
}
