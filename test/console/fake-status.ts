import type { Activity, DrillReport, EpochCause, HoldStatus, NodeState, RedundancyEvent, RedundancyStatus } from '../../src/contract/index.js';

/** What both fake nodes know of the pair. */
export interface PairFacts {
  readonly urls: Readonly<Record<string, string>>;
  active: string;
  epoch: number;
  cause: EpochCause;
  canSwitch: boolean;
  handBackInMs: number | undefined;
  owedToMain?: boolean;
  readonly events: RedundancyEvent[];
  /** False until the two nodes have heard of each other. */
  met?: boolean;
  hold?: HoldStatus | undefined;
  drill?: DrillReport | undefined;
  /** What each node is at. */
  activities?: Readonly<Record<string, readonly Activity[]>>;
  /** What only node B tells of itself. */
  onB?: Partial<RedundancyStatus>;
  /** Nodes that have been stopped. */
  readonly down: Set<string>;
}

/** `GET /api/v1/redundancy` as node `self` answers it. */
export function statusOf(self: string, pair: PairFacts, seq: number): RedundancyStatus {
  const peer = self === 'A' ? 'B' : 'A';
  const peerDown = pair.down.has(peer);
  const isProtected = pair.down.size === 0;
  return {
    site: 'st-mary',
    revision: '7c1d2e',
    self: { id: self, mode: modeOf(self), role: self === pair.active ? 'active' : 'standby', state: stateOf(self, pair), consoleUrl: pair.urls[self] ?? '' },
    peer: { id: peer, mode: modeOf(peer), role: peerDown ? 'unknown' : peer === pair.active ? 'active' : 'standby', state: stateOf(peer, pair), consoleUrl: pair.met === false ? '' : (pair.urls[peer] ?? '') },
    epoch: { number: pair.epoch, node: pair.active, nonce: 'f00d', firstSeq: 1, cause: pair.cause, owedToMain: pair.owedToMain ?? pair.handBackInMs !== undefined },
    seq,
    sync: isProtected ? { state: 'in-sync', lagFrames: 0 } : { state: 'none', lagFrames: 0, reason: `no connection to node ${peer}` },
    protected: isProtected,
    canSwitch: pair.canSwitch && isProtected,
    ...(isProtected && pair.canSwitch ? {} : { switchRefusal: 'the standby is not in sync' }),
    recovery: { mode: 'automatic', ...(pair.handBackInMs === undefined ? {} : { handBackInMs: pair.handBackInMs }) },
    worstDetectionMs: 1000,
    tls: 'on',
    certificateDaysLeft: 1012,
    secondPath: 'up',
    witness: { address: '10.20.0.3:8097', reachable: true, state: 'armed', supports: pair.active },
    clockSkewMs: self === 'A' ? 12 : -12,
    authorization: { state: 'match', differences: [] },
    canForce: pair.active === '',
    arbitration: 'field',
    fieldSwitch: { margin: 1, holdMs: 30_000, onlyStandby: [] },
    ...(pair.hold === undefined ? {} : { hold: pair.hold }),
    ...(pair.drill === undefined ? {} : { drill: pair.drill }),
    events: pair.events,
    ...(pair.activities?.[self] === undefined ? {} : { activities: pair.activities[self] }),
    ...(self === 'B' ? pair.onB : {}),
  };
}

function modeOf(node: string): 'main' | 'backup' {
  return node === 'A' ? 'main' : 'backup';
}

function stateOf(node: string, pair: PairFacts): NodeState {
  if (pair.down.has(node)) return modeOf(node) === 'main' ? 'faulted' : 'disconnected';
  return node === pair.active ? 'running' : 'standby';
}
