/** What a unit on a bus is known to be, and since when. */
interface UnitState {
  /** Timeouts in a row. */
  silent: number;
  /** Nothing at all is asked before: an answer may still come. */
  heldUntilMs: number;
  /** Only writes and single reads are asked before: the unit does not answer, and its neighbours need the line. */
  demotedUntilMs: number;
  /** Which turn it had last. */
  turn: number;
}

export interface BusEntry {
  readonly unit: number;
  readonly urgent: boolean;
}

/** One timeout is a lost frame; from the second in a row on the unit is asked less and less. */
const FIRST_DEMOTION = 4;
const LONGEST_DEMOTION = 16;

/**
 * Who may ask next on a bus, where one request at a time travels for all units. Urgent ones first; the others
 * in turn by unit, so that a unit with many blocks does not keep the others waiting; a silent unit's polls only now and
 * then. Pure: time is given.
 */
export class BusQueue<Entry extends BusEntry> {
  private entries: Entry[] = [];
  private readonly units = new Map<number, UnitState>();
  private turns = 0;

  get length(): number {
    return this.entries.length;
  }

  add(entry: Entry): void {
    this.entries.push(entry);
  }

  /** Takes away and returns those that `which` names. */
  remove(which: (entry: Entry) => boolean): Entry[] {
    const removed = this.entries.filter(which);
    this.entries = this.entries.filter((entry) => !removed.includes(entry));
    return removed;
  }

  /** Takes the next one, or says when there will be one; Infinity when nobody waits. */
  next(nowMs: number): Entry | { readonly wakeAtMs: number } {
    let best: Entry | undefined;
    let bestTurn = Infinity;
    let wakeAtMs = Infinity;
    for (const entry of this.entries) {
      const state = this.stateOf(entry.unit);
      const dueMs = entry.urgent ? state.heldUntilMs : Math.max(state.heldUntilMs, state.demotedUntilMs);
      if (dueMs > nowMs) wakeAtMs = Math.min(wakeAtMs, dueMs);
      else if (entry.urgent && best?.urgent !== true) best = entry;
      else if (!entry.urgent && best?.urgent !== true && state.turn < bestTurn) {
        best = entry;
        bestTurn = state.turn;
      }
    }
    if (best === undefined) return { wakeAtMs };
    this.entries.splice(this.entries.indexOf(best), 1);
    this.stateOf(best.unit).turn = ++this.turns;
    return best;
  }

  /** The unit spoke sense. */
  answered(unit: number): void {
    const state = this.stateOf(unit);
    state.silent = 0;
    state.demotedUntilMs = 0;
  }

  /** The unit did not answer within `timeoutMs`; for as long again its answer may still come. */
  silent(unit: number, nowMs: number, timeoutMs: number): void {
    const state = this.stateOf(unit);
    state.heldUntilMs = nowMs + timeoutMs;
    if (++state.silent > 1) state.demotedUntilMs = nowMs + timeoutMs * Math.min(LONGEST_DEMOTION, FIRST_DEMOTION * 2 ** (state.silent - 2));
  }

  /** Nothing is asked of the unit before that time. */
  hold(unit: number, untilMs: number): void {
    this.stateOf(unit).heldUntilMs = untilMs;
  }

  /** What the unit still owed has come. */
  settled(unit: number): void {
    this.stateOf(unit).heldUntilMs = 0;
  }

  private stateOf(unit: number): UnitState {
    let state = this.units.get(unit);
    if (state === undefined) {
      state = { silent: 0, heldUntilMs: 0, demotedUntilMs: 0, turn: 0 };
      this.units.set(unit, state);
    }
    return state;
  }
}
