import type { LogicDefinition, LogicView } from '../../contract/index.js';
import type { PairState } from '../../image/index.js';
import { pointValue, readTarget } from '../schedule/schedule-keys.js';
import { logicTargetKey, readLogic } from './logic-state.js';

/** All programs as clients see them, on either node alike. */
export function logicViews(definitions: readonly LogicDefinition[], state: PairState): LogicView[] {
  return definitions.map((definition): LogicView => {
    const { name, description, everyMs, onChange, program, inputs, outputs } = definition;
    const { fault, held, steps, atMs, memory, outputs: wanted } = readLogic(state.keyed, definition);
    return {
      name,
      ...(description === undefined ? {} : { description }),
      ...(everyMs === undefined ? {} : { everyMs }),
      onChange,
      program,
      state: fault !== undefined ? 'faulted' : held !== undefined ? 'held' : atMs === undefined ? 'waiting' : 'running',
      ...(held === undefined ? {} : { held }),
      ...(fault === undefined ? {} : { fault: { code: fault.code, message: fault.message, since: iso(fault.sinceMs), ...(fault.retryAtMs === undefined ? {} : { retryAt: iso(fault.retryAtMs) }) } }),
      steps,
      ...(atMs === undefined ? {} : { lastStep: iso(atMs) }),
      inputs: inputs.map((input) => ({ name: input.name, point: state.table.byId(input.point).name })),
      outputs: outputs.map((output): LogicView['outputs'][number] => {
        const point = state.table.byId(output.point);
        const { written, writing } = readTarget(state.keyed, logicTargetKey(name, output.name, point, output.priority));
        const goal = wanted[output.name];
        return {
          name: output.name,
          point: point.name,
          priority: output.priority,
          ...(goal === undefined ? {} : { wanted: shown(pointValue(point, goal)) }),
          ...(written === undefined ? {} : { written: shown(pointValue(point, written)) }),
          ...(writing?.error === undefined ? {} : { error: writing.error }),
        };
      }),
      memory: memory ?? {},
    };
  });
}

/** As JSON carries it. */
function shown<T>(value: T): Exclude<T, bigint> | string {
  return typeof value === 'bigint' ? value.toString() : (value as Exclude<T, bigint>);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
