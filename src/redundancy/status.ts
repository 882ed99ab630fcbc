import type { DrillReport, EpochEntry, HoldStatus, NodeConfig, NodeMode, NodeState, PairAuthorization, RedundancyEvent, RedundancySettings, RedundancyStatus, RegisterState, Role, SyncState, WitnessStatus } from '../contract/index.js';
import type { LinkHello } from './link-messages.js';
import { supportedUntilMs } from './role-claim.js';
import { forceRefusal, switchRefusal, type PeerView, type RoleState } from './role-machine.js';
import { worstDetectionMs } from './timing.js';
import type { Trust } from './trust.js';

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
  return ownMode === 'backup' ? 'faulted' : 'disconnected';
}

export interface StatusParts {
  readonly site: string;
  readonly revision: string;
  readonly node: NodeConfig;
  readonly settings: RedundancySettings;
  readonly role: RoleState;
  readonly peer: LinkHello | undefined;
  readonly peerUrl: string;
  readonly epoch: EpochEntry | undefined;
  readonly seq: number;
  /** Frames that the standby has not acknowledged; on the active. */
  readonly standbyLag: number;
  readonly historyFill: RedundancyStatus['sync']['historyFill'];
  /** Why this standby cannot follow: it cannot run the active's configuration. */
  readonly configurationRefusal: string | undefined;
  readonly nowMs: number;
  readonly events: readonly RedundancyEvent[];
  readonly witness: WitnessStatus | undefined;
  readonly hold: HoldStatus | undefined;
  readonly drill: DrillReport | undefined;
  readonly secondPath: 'unknown' | 'up' | 'lost' | undefined;
  readonly registers: RegisterState | undefined;
  readonly clockSkewMs: number | undefined;
  readonly pairTime: RedundancyStatus['pairTime'];
  readonly startedStale: boolean;
  readonly malformedMessages: number;
}

export function describePair({ witness, hold, drill, secondPath, registers, clockSkewMs, pairTime, startedStale, malformedMessages, site, revision, node, settings, role, peer, peerUrl, epoch, seq, standbyLag, historyFill, configurationRefusal, nowMs, events }: StatusParts): RedundancyStatus {
  const active = role.role === 'active';
  const reads = node.mode === 'reader';
  const cannotForce = reads ? 'it only reads' : forceRefusal(role);
  const reason = role.peer.refused ?? configurationRefusal;
  const refusal = reads ? 'it only reads' : active || isInSync(role) ? (active ? switchRefusal(role) : undefined) : 'this node is not in sync with an active node';
  return {
    site,
    revision,
    self: { id: node.id, mode: node.mode, role: role.role, state: ownState(role.role), consoleUrl: node.url },
    ...(node.mode === 'independent' ? {} : { peer: describePeer(node, role, peer, peerUrl) }),
    epoch: epoch ?? null,
    seq,
    sync: {
      state: syncState(node.mode, role, seq),
      lagFrames: active ? standbyLag : Math.max(0, role.peer.progress.seq - seq),
      ...(reason === undefined ? {} : { reason }),
      ...(historyFill === undefined ? {} : { historyFill }),
    },
    protected: active ? role.inSync : isInSync(role),
    canSwitch: refusal === undefined,
    ...(refusal === undefined ? {} : { switchRefusal: refusal }),
    recovery: {
      mode: settings.recovery,
      ...(role.handBackDueMs === undefined ? {} : { handBackInMs: Math.max(0, Math.round(role.handBackDueMs - nowMs)) }),
    },
    worstDetectionMs: worstDetectionMs(settings),
    ...(witness === undefined ? {} : { witness }),
    ...(hold === undefined ? {} : { hold }),
    ...(drill === undefined ? {} : { drill }),
    ...(secondPath === undefined ? {} : { secondPath }),
    ...(registers === undefined ? {} : { registers }),
    ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
    ...(pairTime === undefined ? {} : { pairTime }),
    ...suspended(role, nowMs),
    canForce: cannotForce === undefined,
    ...(cannotForce === undefined ? {} : { forceRefusal: cannotForce }),
    ...(startedStale ? { startedStale } : {}),
    malformedMessages,
    events,
  };
}

export function describeTrust(node: NodeConfig, trust: Trust | undefined, barred: string | undefined, authorization: PairAuthorization, more: readonly string[]): Pick<RedundancyStatus, 'authorization' | 'tls' | 'certificateDaysLeft' | 'barred' | 'alarms'> {
  if (node.mode === 'independent') return {};
  const daysLeft = trust?.status().own?.daysLeft;
  return {
    authorization,
    tls: trust === undefined ? 'off' : 'on',
    ...(daysLeft === undefined ? {} : { certificateDaysLeft: daysLeft }),
    ...(barred === undefined ? {} : { barred }),
    alarms: [...(barred === undefined ? [] : [`this node does not take over by itself: ${barred}`]), ...(trust?.alarms() ?? []), ...authorization.differences.map((text) => `modules differ: ${text}`), ...more],
  };
}

function describePeer(node: NodeConfig, role: RoleState, peer: LinkHello | undefined, consoleUrl: string): NonNullable<RedundancyStatus['peer']> {
  return {
    id: peer?.node ?? node.partner?.symbol ?? '',
    mode: peer?.mode ?? (node.mode === 'main' ? 'backup' : 'main'),
    role: role.peer.link === 'up' ? role.peer.role : 'unknown',
    state: peerState(role.peer, node.mode, role.role),
    consoleUrl,
  };
}

function suspended(role: RoleState, nowMs: number): { suspended?: string } {
  if (role.role !== 'active') return {};
  if (role.suspect !== undefined) return { suspended: 'it was frozen, and nobody has answered since' };
  return nowMs < supportedUntilMs(role) ? {} : { suspended: 'neither the other node nor the witness supports it' };
}

/** A standby that holds what the active holds, and hears it. */
export function isInSync(role: RoleState): boolean {
  return role.role === 'standby' && role.inSync && role.peer.link === 'up' && role.peer.role === 'active';
}

function syncState(mode: NodeMode, role: RoleState, seq: number): SyncState {
  if (mode === 'independent') return 'none';
  if (role.peer.refused !== undefined) return 'refused';
  if (role.peer.link === 'down') return 'connecting';
  // One that only reads is never counted; it is as far as it is.
  if (mode === 'reader') return role.progress.epoch === role.peer.progress.epoch && seq >= role.peer.progress.seq ? 'in-sync' : 'synchronizing';
  return role.inSync ? 'in-sync' : 'synchronizing';
}
