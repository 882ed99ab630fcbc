import { initialRoom, roomModes, type RoomInputs, type RoomState } from './room.js';
import { roomShapes, type BuildingInputs, type BuildingState } from './building.js';
import { flag, sensor, type BacnetSignal } from './signal.js';

/** The objects of one VAV controller: three zones, zone 2 has AI:21, AI:22 … */
export function zoneSignals(firstRoom: number): readonly BacnetSignal[] {
  return [1, 2, 3].flatMap((zone) => roomSignals(firstRoom + zone - 1, zone));
}

function roomSignals(index: number, zone: number): BacnetSignal[] {
  const name = roomShapes[index]?.name ?? `R${index}`;
  const room = (state: BuildingState): RoomState => state.rooms[index] ?? initialRoom;
  /** A command holds until it is relinquished; then the controller's own loop decides again. */
  const change = (inputs: BuildingInputs, next: Partial<RoomInputs>): BuildingInputs =>
    ({ ...inputs, rooms: inputs.rooms.map((each, at) => (at === index ? { ...each, ...next } : each)) });
  const measured = (point: string, object: string, unit: string, amplitude: number, read: (state: RoomState) => number): BacnetSignal =>
    ({ point: `${name}.${point}`, object, unit, read: sensor(`${name}.${point}`, amplitude, (state) => read(room(state))) });

  return [
    measured('ZnT', `AI:${zone}1`, 'degC', 0.12, (state) => state.temperatureC),
    measured('ZnCO2', `AI:${zone}2`, 'ppm', 6, (state) => state.co2Ppm),
    measured('Flow', `AI:${zone}3`, 'm3/h', 4, (state) => state.flowM3h),
    {
      point: `${name}.ZnTSp`, object: `AV:${zone}1`, unit: 'degC', read: (_, inputs) => inputs.rooms[index]?.setpointC ?? defaultSetpointC,
      command: (inputs, value) => change(inputs, { setpointC: value ?? defaultSetpointC }),
    },
    {
      point: `${name}.Damper`, object: `AO:${zone}1`, unit: '%', read: (state) => room(state).damperPct,
      command: (inputs, value) => change(inputs, { damperOverridePct: value }),
    },
    {
      point: `${name}.Reheat`, object: `AO:${zone}2`, unit: '%', read: (state) => room(state).reheatPct,
      command: (inputs, value) => change(inputs, { reheatOverridePct: value }),
    },
    {
      point: `${name}.Occ`, object: `BV:${zone}1`, states: ['vacant', 'occupied'], read: flag((state) => room(state).occupied),
      command: (inputs, value) => change(inputs, { occupied: value === undefined ? undefined : value !== 0 }),
    },
    {
      point: `${name}.Mode`, object: `MV:${zone}1`, states: [...roomModes], read: (state) => roomModes.indexOf(room(state).mode),
      command: (inputs, value) => change(inputs, { mode: value === undefined ? undefined : roomModes[value] }),
    },
  ];
}

const defaultSetpointC = 21.5;
