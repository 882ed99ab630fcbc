import { initialInputs, type BuildingInputs, type BuildingState } from './building.js';
import { rooftopModes, type RooftopInputs } from './rooftop.js';
import { flag, sensor, type BacnetSignal } from './signal.js';

const measured = (point: string, object: string, unit: string, amplitude: number, read: (state: BuildingState) => number): BacnetSignal =>
  ({ point, object, unit, read: sensor(point, amplitude, read) });

function withRooftop(inputs: BuildingInputs, change: Partial<RooftopInputs>): BuildingInputs {
  return { ...inputs, rooftop: { ...inputs.rooftop, ...change } };
}

const defaults = initialInputs.rooftop;

/** The objects of ddc-roof: weather station and lobby unit. */
export const roofSignals: readonly BacnetSignal[] = [
  measured('Site.OaT', 'AI:1', 'degC', 0.15, (state) => state.outdoor.temperatureC),
  measured('Site.OaRH', 'AI:2', '%RH', 0.6, (state) => state.outdoor.humidityPct),
  measured('Site.Wind', 'AI:3', 'm/s', 0, (state) => state.outdoor.windMs),
  measured('Site.Lux', 'AI:4', 'lx', 1, (state) => state.outdoor.lux),
  { point: 'Site.Rain', object: 'BI:1', states: ['dry', 'rain'], read: flag((state) => state.outdoor.rain) },
  measured('RTU1.SaT', 'AI:11', 'degC', 0.15, (state) => state.rooftop.supplyC),
  measured('RTU1.RaT', 'AI:12', 'degC', 0.1, (state) => state.rooftop.lobbyC),
  measured('RTU1.FilterDp', 'AI:13', 'Pa', 1, (state) => (40 + state.rooftop.filterDirtPa) * (state.rooftop.fanPct / 100) ** 2),
  {
    point: 'RTU1.SaTSp', object: 'AV:11', unit: 'degC', read: (_, inputs) => inputs.rooftop.supplySetpointC,
    command: (inputs, value) => withRooftop(inputs, { supplySetpointC: value ?? defaults.supplySetpointC }),
  },
  {
    point: 'RTU1.Heat', object: 'AO:11', unit: '%', read: (state) => state.rooftop.heatPct,
    command: (inputs, value) => withRooftop(inputs, { heatOverridePct: value }),
  },
  {
    point: 'RTU1.Cool', object: 'AO:12', unit: '%', read: (state) => state.rooftop.coolPct,
    command: (inputs, value) => withRooftop(inputs, { coolOverridePct: value }),
  },
  {
    point: 'RTU1.FanCmd', object: 'BO:11', states: ['stop', 'run'], read: flag((_, inputs) => inputs.rooftop.fanCommand),
    command: (inputs, value) => withRooftop(inputs, { fanCommand: value === undefined ? defaults.fanCommand : value !== 0 }),
  },
  { point: 'RTU1.FanSts', object: 'BI:11', states: ['stop', 'run'], read: flag((state) => state.rooftop.fanPct > 20) },
  {
    point: 'RTU1.Mode', object: 'MV:11', states: [...rooftopModes], read: (_, inputs) => rooftopModes.indexOf(inputs.rooftop.mode),
    command: (inputs, value) => withRooftop(inputs, { mode: value === undefined ? defaults.mode : rooftopModes[value] ?? 'off' }),
  },
];
