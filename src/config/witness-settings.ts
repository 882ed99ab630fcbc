import { z } from 'zod';
import { durationMs, type WitnessSettings } from '../contract/index.js';
import type { DocumentProblems } from './problem-list.js';

/** Assumed error of the rate of any two clocks against each other, ρ. */
const CLOCK_ERROR = 0.001;

export const witnessShape = z.strictObject({
  address: z.string().min(1),
  port: z.int().min(1).max(65_535).default(8098),
  lease: durationMs.optional(),
  promise: durationMs.optional(),
  longestWrite: durationMs.default(250),
  disarmAfter: durationMs.default(60_000),
});

interface Timing {
  readonly pingRate: number;
  /** Silence after which the other node counts as gone. */
  readonly silenceMs: number;
  readonly failoverTime: number;
  readonly connectionWait: number;
}

/**
 * `redundancy.witness`, problems placed below it. What is not written follows from the rest, so that it is safe:
 * (lease + longest write)(1 + ρ) ≤ promise (1 − ρ), rule 2 of the replication rules.
 */
export function readWitness(read: z.output<typeof witnessShape>, timing: Timing, problems: DocumentProblems): WitnessSettings {
  const { pingRate, silenceMs, failoverTime, connectionWait } = timing;
  const leaseMs = read.lease ?? 2 * pingRate;
  const leastMs = leastPromiseMs(leaseMs, read.longestWrite);
  const promiseMs = read.promise ?? Math.max(leastMs, silenceMs);
  const refuse = (unsafe: boolean, message: string, ...keys: (keyof typeof read)[]): void => {
    if (unsafe) problems.error('CONFIG_UNSAFE', message, keys.filter((key) => key in read).slice(0, 1));
  };
  refuse(leaseMs < 1.5 * pingRate, `lease ${leaseMs} ms must be at least one and a half times pingRate (${pingRate} ms): every late beat would stop the plant's writes`, 'lease');
  refuse(promiseMs < leastMs, `promise ${promiseMs} ms is too short: a lease of ${leaseMs} ms and a write of ${read.longestWrite} ms may last ${leastMs} ms by another clock, and two nodes would write`, 'promise', 'lease');
  refuse(promiseMs > failoverTime, `a takeover has to wait for the promise of ${promiseMs} ms, longer than failoverTime ${failoverTime} ms`, 'promise', 'longestWrite', 'lease');
  refuse(promiseMs > connectionWait, `a node that starts waits ${connectionWait} ms, and its promise of before may last ${promiseMs} ms`, 'promise');
  refuse(read.disarmAfter < failoverTime, `disarmAfter ${read.disarmAfter} ms must not be shorter than failoverTime ${failoverTime} ms`, 'disarmAfter');
  return { host: read.address, port: read.port, leaseMs, promiseMs, longestWriteMs: read.longestWrite, disarmAfterMs: read.disarmAfter };
}

/** Shortest safe T2, whole milliseconds. */
function leastPromiseMs(leaseMs: number, longestWriteMs: number): number {
  return Math.ceil(((leaseMs + longestWriteMs) * (1 + CLOCK_ERROR)) / (1 - CLOCK_ERROR));
}
