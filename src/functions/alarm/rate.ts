/**
 * How much a value has risen and fallen within a time. Of the time only tenths are remembered, each with its least and
 * greatest value, so that what is replicated stays small and a change is seen at most a tenth of the time longer.
 *
 * The memory is `[last value, tenth, least, greatest, tenth, least, greatest …]`, oldest first; empty where nothing is
 * known. Tenths are counted from 1970, in pair time: they are the same whichever node looks.
 */
const TENTHS = 10;
const ROW = 3;

export interface RateLook {
  readonly memory: readonly number[];
  /** The value is so much above the least, and so much below the greatest of the time. NaN where unknown. */
  readonly risen: number;
  readonly fallen: number;
}

export function lookAtRate(memory: readonly number[], value: number, nowMs: number, perMs: number): RateLook {
  // Nobody knows what happened meanwhile: what comes next is not compared with what was before.
  if (Number.isNaN(value)) return { memory: memory.length === 0 ? memory : [], risen: NaN, fallen: NaN };
  const tenth = Math.floor((nowMs * TENTHS) / perMs);
  const after = remember(memory, value, tenth);
  let [least, greatest] = [value, value];
  for (let at = 1; at < after.length; at += ROW) {
    least = Math.min(least, after[at + 1] ?? least);
    greatest = Math.max(greatest, after[at + 2] ?? greatest);
  }
  return { memory: after, risen: value - least, fallen: greatest - value };
}

/** When the oldest tenth that differs from the last value is left behind; undefined where the value has been still. */
export function rateSettlesAtMs(memory: readonly number[], perMs: number): number | undefined {
  const [last] = memory;
  for (let at = 1; at < memory.length; at += ROW) {
    if (memory[at + 1] !== last || memory[at + 2] !== last) return Math.ceil((((memory[at] ?? 0) + TENTHS + 1) * perMs) / TENTHS);
  }
  return undefined;
}

function remember(memory: readonly number[], value: number, tenth: number): readonly number[] {
  const [last] = memory;
  if (last === undefined) return [value, tenth, value, value];
  const newest = memory.length - ROW;
  const newestTenth = memory[newest] ?? tenth;
  if (tenth === newestTenth && value === last) return memory;
  const oldest = tenth - TENTHS;
  const rows: number[] = [];
  for (let at = 1; at < memory.length; at += ROW) if ((memory[at] ?? 0) >= oldest) rows.push(...memory.slice(at, at + ROW));
  if (tenth <= newestTenth) {
    const row = rows.length - ROW;
    rows[row + 1] = Math.min(rows[row + 1] ?? value, value);
    rows[row + 2] = Math.max(rows[row + 2] ?? value, value);
  } else {
    // What was in force lasted through the tenths without a value.
    if (tenth > newestTenth + 1) rows.push(tenth - 1, last, last);
    rows.push(tenth, Math.min(last, value), Math.max(last, value));
  }
  return [value, ...rows];
}
