import type { NodeMode, NodeState, Role } from '../contract/index.js';
import type { PeerView } from './role-machine.js';

/** R2: what is shown of the node itself. */
export function ownState(role: Role): NodeState {
  switch (role) {
    case 'active':
    case 'yielding':
      return 'running';
    case 'standby':
      return 'standby';
    case 'starting':
      return 'unknown';
  }
}

/**
 * R2: what is shown of the other node, as a truth table.
 *
 * | link | own mode | own role | shown |
 * |---|---|---|---|
 * | up | any | any | the peer's own word: running, standby, or unknown while it starts |
 * | down | any | starting | unknown |
 * | down | main | decided | disconnected |
 * | down | backup | decided | faulted |
 */
export function peerState(peer: PeerView, ownMode: NodeMode, ownRole: Role): NodeState {
  if (peer.link === 'up') return peer.role === 'unknown' ? 'unknown' : ownState(peer.role);
  if (ownRole === 'starting') return 'unknown';
  return ownMode === 'main' ? 'disconnected' : 'faulted';
}
