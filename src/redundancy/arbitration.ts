import type { Arbitration, NodeMode } from '../contract/index.js';

/**
 * What an active node says of itself when it meets another active one (R21). Said once on each connection and never changed
 * on it: both decide from the same two stands, and so alike.
 */
export interface Stand {
  readonly epoch: number;
  readonly mode: NodeMode;
  /** It was frozen, and nobody has answered since. */
  readonly suspect: boolean;
  /** It has confirmed something that the other node does not hold. */
  readonly confirmed: boolean;
  /** Weight of the devices that it reaches. */
  readonly reach: number;
  /** How long it has been active in its epoch, by its own monotonic clock. */
  readonly activeMs: number;
  /** 1 before 2. */
  readonly priority: number;
  /** The policy that it was started with; where they differ the main's counts. */
  readonly policy: Arbitration;
}

/** Who goes on where two nodes are active, and why. Pure, and the same from either side. */
export function arbitrate(own: Stand, other: Stand): { readonly wins: boolean; readonly evidence: string } {
  const policy = other.mode === 'main' ? other.policy : own.policy;
  for (const [what, of, unit] of [...alwaysFirst, ...byPolicy[policy], ...inTheEnd]) {
    const [mine, theirs] = [of(own), of(other)];
    if (mine !== theirs) return { wins: mine > theirs, evidence: `${what}: own ${said(mine, unit)}, the other node's ${said(theirs, unit)}` };
  }
  return { wins: own.mode === 'main', evidence: 'nothing tells them apart: the main goes on' };
}

/** More is better. */
type Criterion = readonly [what: string, of: (stand: Stand) => number, unit?: string];

/** Rule 9: who may have been overtaken, or whom nobody has relied on, yields whatever the policy says. */
const alwaysFirst: readonly Criterion[] = [
  ['was not frozen', ({ suspect }) => Number(!suspect)],
  ['has confirmed something since they parted', ({ confirmed }) => Number(confirmed)],
];
const longest: Criterion = ['time active in its epoch', ({ activeMs }) => Math.round(activeMs), 'ms'];
const byPolicy: Readonly<Record<Arbitration, readonly Criterion[]>> = {
  field: [['weight of the devices that it reaches', ({ reach }) => reach], longest],
  'longest-active': [longest],
  main: [['is the main', ({ mode }) => Number(mode === 'main')]],
  priority: [['priority of the node', ({ priority }) => -priority], longest],
};
const inTheEnd: readonly Criterion[] = [['epoch', ({ epoch }) => epoch]];

function said(value: number, unit: string | undefined): string {
  return `${Math.abs(value)}${unit === undefined ? '' : ` ${unit}`}`;
}
