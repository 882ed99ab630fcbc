import type { CommandSlot, ErrorCode, PointValue } from '../contract/index.js';
import type { Json, KeyedState } from '../image/index.js';

/** A command as both nodes hold it, under `command/<id>` of the keyed state. */
export interface CommandRecord {
  readonly point: string;
  readonly value: PointValue | null;
  readonly priority: number;
  readonly by: string;
  /**
   * `intent`: replicated, and perhaps on its way to the device; `unsent`: control was handed over before anything
   * was sent, so the next node executes it without doubt.
   */
  readonly state: 'intent' | 'unsent' | 'done' | 'failed';
  /** Pair time of the intent, milliseconds since 1970. */
  readonly timeMs: number;
  readonly code?: ErrorCode;
  readonly message?: string;
  /** A schedule or program that writes again and again: of its commands that are done only the last is kept. */
  readonly writer?: string;
  /** Written by a program at each turn of a loop: not for the audit. */
  readonly isRoutine?: boolean;
  /** Pair time at which its slot is given up by itself. */
  readonly untilMs?: number;
  /** Why, as a person says it. */
  readonly reason?: string;
  /** It gives up a slot whose time, this one, has come: only as long as the slot still ends then. */
  readonly expiryOf?: number;
}

export const COMMANDS = 'command/';

export function commandToJson(record: CommandRecord): Json {
  const { value, ...rest } = record;
  return { ...rest, value: typeof value === 'bigint' ? { integer: value.toString() } : value };
}

export function commandFromJson(json: Json): CommandRecord {
  const record = json as unknown as Omit<CommandRecord, 'value'> & { value: string | number | null | { integer: string } };
  const { value } = record;
  return { ...record, value: typeof value === 'object' && value !== null ? BigInt(value.integer) : value };
}

/** The remembered commands of one point: after a takeover many points are looked at, among thousands of commands. */
export function* commandsOf(keyed: KeyedState, point: string): Generator<readonly [id: string, record: CommandRecord]> {
  for (const [key, json] of keyed.entriesWith(COMMANDS, 'point', point)) yield [key.slice(COMMANDS.length), commandFromJson(json)];
}

/** The slot as it is once the command is carried out; null where it gives the slot up. */
export function slotOf({ value, by, timeMs, untilMs, reason }: CommandRecord): CommandSlot | null {
  if (value === null) return null;
  return { value, by, sinceMs: timeMs, ...(untilMs === undefined ? {} : { untilMs }), ...(reason === undefined ? {} : { reason }) };
}
