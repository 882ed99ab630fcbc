import { TandemError, type PointDefinition, type PointValue } from '../contract/index.js';
import type { WriteCommand } from '../clients/index.js';
import type { PairState } from '../image/index.js';

/**
 * The oldest epoch of which this node knows every command: control has been handed over since, never taken, so
 * that what it does not know was not executed. Of an epoch before, an unknown command may have been.
 */
export function leastKnownEpoch(state: PairState): number {
  const epochs = state.epochs();
  let index = epochs.length - 1;
  while (index > 0 && (epochs[index]?.cause === 'switch' || epochs[index]?.cause === 'recovery' || epochs[index]?.cause === 'field')) index -= 1;
  return epochs[index]?.number ?? 0;
}

/**
 * First sent to an activation of the other node that this pair's history does not have, though it has its number: two that were
 * frozen in turn counted alike (story 1688). That one may have carried it out.
 */
export function wasSentElsewhere({ epoch, nonce }: WriteCommand, state: PairState): boolean {
  const known = nonce === undefined ? undefined : state.epochs().find(({ number }) => number === epoch);
  return known !== undefined && known.nonce !== nonce;
}

/** Refuses what the point cannot take, before anything is recorded or sent. */
export function checkValue(point: PointDefinition, value: PointValue | null): void {
  if (point.write === undefined) throw new TandemError('POINT_READ_ONLY', `${point.name} cannot be written: its configuration has no \`write\``);
  if (value === null) return;
  const { min, max } = point.write;
  const number = typeof value === 'string' ? NaN : Number(value);
  if (point.kind === 'text' ? typeof value !== 'string' : !Number.isFinite(number)) {
    throw new TandemError('VALUE_INVALID', `${point.name} is a ${point.kind} and cannot take ${String(value)}`);
  }
  if (point.kind === 'boolean' && number !== 0 && number !== 1) throw new TandemError('VALUE_INVALID', `${point.name} is true or false`);
  if (point.kind === 'enum' && point.states !== undefined && (!Number.isInteger(number) || number < 0 || number >= point.states.length)) {
    throw new TandemError('VALUE_INVALID', `${point.name} has the states ${point.states.join(', ')}`);
  }
  if ((min !== undefined && number < min) || (max !== undefined && number > max)) {
    throw new TandemError('VALUE_OUT_OF_RANGE', `${point.name} takes ${min ?? '−∞'} to ${max ?? '∞'}${point.unit === undefined ? '' : ` ${point.unit}`}, not ${String(value)}`);
  }
}

/** Equal as a device would say it: numbers may have been rounded to its format. */
export function sameValue(a: PointValue, b: PointValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b));
  return a === b;
}

/** The answer for a command that a node refused for good because it was in doubt about itself. */
export function notSent(why: string): TandemError {
  return new TandemError('COMMAND_NOT_SENT', `${why}; nothing was sent to the device, send the command anew`);
}
