/** What a unit is known to be, and what waits for it. */
interface UnitState<Entry> {
  readonly waiting: Entry[];
  /** Timeouts in a row. */
  silent: number;
  /** Nothing at all is asked before: an answer may still come. */
  heldUntilMs: number;
  /** Only writes and single reads are asked before: the unit does not answer, and its neighbours need the way to it. */
  demotedUntilMs: number;
  /** Which turn it had last. */
  turn: number;
}

export interface QueueEntry {
  readonly unit: number;
  readonly urgent: boolean;
}

/** One timeout is a lost frame; from the second in a row on the unit is asked less and less. */
const FIRST_DEMOTION = 4;
const LONGEST_DEMOTION = 16;

/**
 * Who may ask next where several units share one way: a bus, or a connection to a gateway. Urgent ones first; the
 * others in turn by unit, so that a unit with many blocks does not keep the others waiting; a silent unit's polls only
 * now and then. Pure: time is given.
 */
export class UnitQueue<Entry extends QueueEntry> {
  private readonly urgent: Entry[] = [];
  private readonly units = new Map<number, UnitState<Entry>>();
  /** The same by position: this is walked for each request. */
  private readonly states: UnitState<Entry>[] = [];
  private turns = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  add(entry: Entry): void {
    this.count++;
    (entry.urgent ? this.urgent : this.stateOf(entry.unit).waiting).push(entry);
  }

  /** Takes away and returns those that `which` names. */
  remove(which: (entry: Entry) => boolean): Entry[] {
    const removed: Entry[] = [];
    for (const list of [this.urgent, ...this.states.map(({ waiting }) => waiting)]) {
      const kept = list.filter((entry) => !which(entry));
      if (kept.length === list.length) continue;
      removed.push(...list.filter((entry) => !kept.includes(entry)));
      list.splice(0, list.length, ...kept);
    }
    this.count -= removed.length;
    return removed;
  }

  /** Takes the next one, or says when there will be one; Infinity when nobody waits. */
  next(nowMs: number): Entry | { readonly wakeAtMs: number } {
    let wakeAtMs = Infinity;
    for (let index = 0; index < this.urgent.length; index++) {
      const entry = this.urgent[index] as Entry;
      const state = this.stateOf(entry.unit);
      if (state.heldUntilMs <= nowMs) {
        this.urgent.splice(index, 1);
        return this.taken(entry, state);
      }
      wakeAtMs = Math.min(wakeAtMs, state.heldUntilMs);
    }
    let best: UnitState<Entry> | undefined;
    for (const state of this.states) {
      if (state.waiting.length === 0) continue;
      const dueMs = Math.max(state.heldUntilMs, state.demotedUntilMs);
      if (dueMs > nowMs) wakeAtMs = Math.min(wakeAtMs, dueMs);
      else if (best === undefined || state.turn < best.turn) best = state;
    }
    const entry = best?.waiting.shift();
    return best === undefined || entry === undefined ? { wakeAtMs } : this.taken(entry, best);
  }

  /** The unit spoke sense. */
  answered(unit: number): void {
    const state = this.stateOf(unit);
    state.silent = 0;
    state.demotedUntilMs = 0;
  }

  /** The unit did not answer within `timeoutMs`; for `holdMs` its answer may still come and be taken for another's. */
  silent(unit: number, nowMs: number, timeoutMs: number, holdMs = timeoutMs): void {
    const state = this.stateOf(unit);
    state.heldUntilMs = nowMs + holdMs;
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

  private taken(entry: Entry, state: UnitState<Entry>): Entry {
    this.count--;
    state.turn = ++this.turns;
    return entry;
  }

  private stateOf(unit: number): UnitState<Entry> {
    let state = this.units.get(unit);
    if (state === undefined) {
      state = { waiting: [], silent: 0, heldUntilMs: 0, demotedUntilMs: 0, turn: 0 };
      this.units.set(unit, state);
      this.states.push(state);
    }
    return state;
  }
}
