import type { LogicDefinition, LogicFault, PointDefinition, ScheduleValue } from '../../contract/index.js';
import type { Json, KeyedState } from '../../image/index.js';

/** What a program has come to, by its name. */
export const LOGIC_PREFIX = 'logic/';
/** What was written to an output, and what is on its way. */
export const LOGIC_TARGET_PREFIX = 'logic-target/';

/** All that a program goes on from, on whichever node. */
export interface LogicState {
  /** Of the definition that it was taken with; see {@link textDigest}. */
  readonly digest: string;
  readonly steps: number;
  /** Pair time of the last step. */
  readonly atMs?: number;
  readonly memory?: Json;
  /** What each output is to be; null relinquishes. */
  readonly outputs: Readonly<Record<string, ScheduleValue>>;
  /** Inputs that are not good, so that no step is taken. */
  readonly held?: readonly string[];
  readonly fault?: LogicFault & { readonly sinceMs: number; readonly retryAtMs?: number };
}

export function readLogic(keyed: KeyedState, definition: LogicDefinition): LogicState {
  const digest = textDigest(definition);
  const known = keyed.get(LOGIC_PREFIX + definition.name) as unknown as LogicState | undefined;
  if (known === undefined) return { digest, steps: 0, outputs: {} };
  if (known.digest === digest) return known;
  // Changed by a person: it goes on where it was, and what stopped it before counts no longer.
  return { ...running(known), digest };
}

/** Without what keeps it from stepping. */
export function running(state: LogicState): LogicState {
  return Object.fromEntries(Object.entries(state).filter(([key]) => key !== 'fault' && key !== 'held')) as unknown as LogicState;
}

export function logicJson(state: LogicState): Json {
  return state as unknown as Json;
}

export function logicTargetKey(program: string, output: string, point: PointDefinition, priority: number): string {
  return `${LOGIC_TARGET_PREFIX}${program}/${output}/${priority}/${point.name}`;
}

/** FNV-1a over what a person has written; tells a changed program from the same one, nothing more. Asked for with each frame, and a definition never changes. */
export function textDigest(definition: LogicDefinition): string {
  const known = digests.get(definition);
  if (known !== undefined) return known;
  const digest = digestOf(definition);
  digests.set(definition, digest);
  return digest;
}

const digests = new WeakMap<LogicDefinition, string>();

function digestOf({ program, inputs, outputs, limits }: LogicDefinition): string {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify([program, inputs, outputs, limits])) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
