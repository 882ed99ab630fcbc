import { initialAhu, stepAhu, type AhuInputs, type AhuState } from './ahu.js';
import { initialMeters, stepMeters, type MetersState } from './meters.js';
import { noise } from './noise.js';
import { outdoorAt, type Outdoor } from './outdoor.js';
import { initialPlant, stepPlant, type PlantInputs, type PlantState } from './plant.js';
import { initialRooftop, stepRooftop, type RooftopInputs, type RooftopState } from './rooftop.js';
import { initialRoom, stepRoom, type RoomInputs, type RoomShape, type RoomState } from './room.js';

/** What people and controllers ask for; the state is what follows from it. */
export interface BuildingInputs {
  readonly ahu: AhuInputs;
  readonly plant: PlantInputs;
  readonly rooftop: RooftopInputs;
  readonly rooms: readonly RoomInputs[];
}

export interface BuildingState {
  /** Local time as milliseconds since 1970, so that a whole day counts from local midnight. */
  readonly localMs: number;
  readonly seed: number;
  readonly outdoor: Outdoor;
  readonly ahu: AhuState;
  readonly plant: PlantState;
  readonly rooftop: RooftopState;
  readonly rooms: readonly RoomState[];
  readonly meters: MetersState;
}

/** R101 has a closet full of servers, R203 is the meeting room. */
export const roomShapes: readonly RoomShape[] = [
  { name: 'R101', people: 4, machinesKw: 0.5, sunKw: 0.5, lossKwPerK: 0.05 },
  { name: 'R102', people: 6, machinesKw: 0.1, sunKw: 0.7, lossKwPerK: 0.06 },
  { name: 'R103', people: 2, machinesKw: 0.1, sunKw: 0.2, lossKwPerK: 0.08 },
  { name: 'R201', people: 3, machinesKw: 0.1, sunKw: 0.5, lossKwPerK: 0.05 },
  { name: 'R202', people: 5, machinesKw: 0.2, sunKw: 0.4, lossKwPerK: 0.06 },
  { name: 'R203', people: 12, machinesKw: 0.2, sunKw: 0.3, lossKwPerK: 0.05 },
];

const defaultRoom: RoomInputs = { setpointC: 21.5 };

export const initialInputs: BuildingInputs = {
  ahu: {
    mode: 'auto', fanCommand: true, supplySetpointC: 18, pressureSetpointPa: 250, fanSpeedPct: 100, handHeatingPct: 0, handCoolingPct: 0,
    damperMinPct: 30, filterChanged: false, smoke: false, beltBroken: false,
  },
  plant: {
    chillerCommand: true, chilledSetpointC: 7, pumpCommands: [true, false], boilerCommand: true, hotSetpointC: 55, chillerTrips: false, pumpsFail: false,
  },
  rooftop: { mode: 'auto', fanCommand: true, supplySetpointC: 19 },
  rooms: roomShapes.map(() => defaultRoom),
};

export function initialBuilding(localMs: number, seed = 1): BuildingState {
  return {
    localMs,
    seed,
    outdoor: outdoorAt(localMs, seed),
    ahu: initialAhu,
    plant: initialPlant,
    rooftop: initialRooftop,
    rooms: roomShapes.map((_, index) => ({ ...initialRoom, temperatureC: 21.2 + 0.2 * index })),
    meters: initialMeters,
  };
}

/** Controllers would swing with longer steps than they have in the field. */
const longestStepMs = 1_000;

/** Advances the building by `dtMs`. Pure: the same arguments give the same building. */
export function step(state: BuildingState, inputs: BuildingInputs, dtMs: number): BuildingState {
  let next = state;
  for (let left = dtMs; left > 0; left -= longestStepMs) next = stepOnce(next, inputs, Math.min(left, longestStepMs));
  return next;
}

function stepOnce(state: BuildingState, inputs: BuildingInputs, dtMs: number): BuildingState {
  const dtS = dtMs / 1000;
  const localMs = state.localMs + dtMs;
  const outdoor = outdoorAt(localMs, state.seed);
  const { temperatureC: outdoorC, sunPct, occupancy } = outdoor;
  const { hotFlow, chilledFlow, hotSupplyC, chilledSupplyC } = state.plant;
  const ahu = stepAhu(state.ahu, inputs.ahu, {
    outdoorC, roomsC: meanTemperature(state.rooms), hotWaterC: hotSupplyC, chilledWaterC: chilledSupplyC, hotFlow, chilledFlow: Math.min(1, 1.5 * chilledFlow),
  }, dtS);
  const plant = stepPlant(state.plant, inputs.plant, ahu, dtS);
  const rooftop = stepRooftop(state.rooftop, inputs.rooftop, outdoorC, dtS);
  const around = { outdoorC, sunPct, occupancy, supplyC: ahu.supplyC, duct: ahu.flow ** 2, hotFlow };
  const rooms = roomShapes.map((shape, index) => stepRoom(state.rooms[index] ?? initialRoom, inputs.rooms[index] ?? defaultRoom, shape, around, dtS));
  const pumpsKw = (plant.pumps[0].speedPct + plant.pumps[1].speedPct) * 0.022 + 1.5 * hotFlow;
  const meters = stepMeters(state.meters, {
    hvacKw: ahu.fanKw + plant.chillerKw + pumpsKw + rooftop.kw + 0.01 * plant.firingPct,
    occupancy,
    flicker: noise(state.seed, 'mains', localMs),
  }, dtS);
  return { localMs, seed: state.seed, outdoor, ahu, plant, rooftop, rooms, meters };
}

export function meanTemperature(rooms: readonly RoomState[]): number {
  return rooms.reduce((sum, room) => sum + room.temperatureC, 0) / Math.max(1, rooms.length);
}
