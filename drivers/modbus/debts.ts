import { answerLength, isBitArea, readRequest, type Area } from './pdu.js';
import type { Spare } from './plan.js';

/**
 * Answers that units still owe when their time is over. A serial frame does not say what it answers, so the next request
 * to that unit is made to have an answer of another length, where it can: then the late one is known by its own. Pure.
 */

/** Late answers are reckoned with for so many timeouts after the unit has spoken again, and as long as it has not. */
const DEBT_TIMEOUTS = 20;
/** So many of one unit are remembered. */
const MOST_DEBTS = 32;
/** A unit that refused to read more than was wanted is not asked to again for so long. */
const REFUSED_MS = 60_000;

const EXCEPTION_BIT = 0x80;
const readAreas: Readonly<Record<number, Area>> = { 1: 'co', 2: 'di', 3: 'hr', 4: 'ir' };
const BITS_PER_BYTE = 8;
const READ_HEAD = 2;

interface Debt {
  readonly shape: number;
  readonly lastsMs: number;
  untilMs: number;
}

interface UnitDebts {
  debts: Debt[];
  /** It has answered a read that was made longer; undefined while that is not known. */
  isWide: boolean | undefined;
  refusedUntilMs: number;
}

export class Debts {
  private readonly units = new Map<number, UnitDebts>();

  /** The answer to `asked` did not come in time. `wasWide`: the request had been made longer. */
  add(unit: number, asked: Uint8Array, nowMs: number, timeoutMs: number, wasWide: boolean): void {
    const state = this.stateOf(unit);
    state.debts = state.debts.filter(({ untilMs }) => untilMs > nowMs);
    state.debts.push({ shape: shapeOfAnswerTo(asked), lastsMs: DEBT_TIMEOUTS * timeoutMs, untilMs: Infinity });
    if (state.debts.length > MOST_DEBTS) state.debts.shift();
    // It may be dead, or one that says nothing to what it does not have: the next one is as it was wanted.
    if (wasWide && state.isWide !== true) state.isWide = false;
    else if (state.isWide === false) state.isWide = undefined;
  }

  /** The unit has answered what it was asked: what it still owes comes soon or not at all. */
  spoke(unit: number, nowMs: number): void {
    const state = this.units.get(unit);
    if (state === undefined || state.debts.length === 0) return;
    for (const debt of state.debts) debt.untilMs = Math.min(debt.untilMs, nowMs + debt.lastsMs);
  }

  any(unit: number, nowMs: number): boolean {
    return this.units.get(unit)?.debts.some(({ untilMs }) => untilMs > nowMs) ?? false;
  }

  /** Whether the answer to `asked` could be a late one. */
  owes(unit: number, asked: Uint8Array, nowMs: number): boolean {
    const state = this.units.get(unit);
    if (state === undefined || state.debts.length === 0) return false;
    const shape = shapeOfAnswerTo(asked);
    return state.debts.some((debt) => debt.shape === shape && debt.untilMs > nowMs);
  }

  /** An answer came that may be a late one. Returns whether it was owed; then it is no more. */
  settle(unit: number, answer: Uint8Array, nowMs: number): boolean {
    const state = this.units.get(unit);
    if (state === undefined) return false;
    const isException = ((answer[0] ?? 0) & EXCEPTION_BIT) !== 0;
    const shape = shapeOf((answer[0] ?? 0) & ~EXCEPTION_BIT, answer.length);
    const index = state.debts.findIndex((debt) => debt.untilMs > nowMs && (debt.shape === shape || (isException && debt.shape >> 16 === shape >> 16)));
    if (index < 0) return false;
    state.debts.splice(index, 1);
    return true;
  }

  /** Everything of the shape of the answer to `asked` is taken for paid. */
  forgive(unit: number, asked: Uint8Array): void {
    const state = this.units.get(unit);
    if (state === undefined) return;
    const shape = shapeOfAnswerTo(asked);
    state.debts = state.debts.filter((debt) => debt.shape !== shape);
  }

  /** A longer read of the same that no late answer can be taken for; undefined where there is none. */
  widened(unit: number, request: Uint8Array, spareOf: Spare | undefined, nowMs: number): Uint8Array | undefined {
    const state = this.stateOf(unit);
    const area = readAreas[request[0] ?? 0];
    if (area === undefined || spareOf === undefined || state.isWide === false || state.refusedUntilMs > nowMs) return undefined;
    const start = word(request, 1);
    const count = word(request, 3);
    const spare = spareOf(area, start, count);
    const step = isBitArea(area) ? BITS_PER_BYTE : 1;
    for (let more = step; more <= spare; more += step) {
      const wide = readRequest(area, start, count + more);
      if (!this.owes(unit, wide, nowMs)) return wide;
    }
    return undefined;
  }

  /** A longer read was answered with what was wanted. */
  wideAnswered(unit: number): void {
    this.stateOf(unit).isWide = true;
  }

  /** A longer read was refused. */
  wideRefused(unit: number, nowMs: number): void {
    this.stateOf(unit).refusedUntilMs = nowMs + REFUSED_MS;
  }

  private stateOf(unit: number): UnitDebts {
    let state = this.units.get(unit);
    if (state === undefined) this.units.set(unit, (state = { debts: [], isWide: undefined, refusedUntilMs: 0 }));
    return state;
  }
}

/** What was asked for, out of the answer to a longer read. */
export function narrowed(answer: Uint8Array, request: Uint8Array): Uint8Array {
  const length = answerLength(request) ?? answer.length;
  const pdu = answer.slice(0, length);
  pdu[1] = length - READ_HEAD;
  return pdu;
}

function shapeOfAnswerTo(request: Uint8Array): number {
  return shapeOf(request[0] ?? 0, answerLength(request) ?? 0);
}

function shapeOf(code: number, length: number): number {
  return (code << 16) | length;
}

function word(data: Uint8Array, index: number): number {
  return ((data[index] ?? 0) << 8) | (data[index + 1] ?? 0);
}
