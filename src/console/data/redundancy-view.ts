import type { Activity } from '../../contract/activity.js';
import type { NodeStatus, RedundancyEvent, RedundancyStatus } from '../../contract/redundancy-status.js';

/** One of the two cards: a node as it tells of itself, or else as the other tells of it. */
export interface NodeView {
  readonly node: NodeStatus;
  /** Where this console reaches it; a node that was never reached has none. */
  readonly url: string | undefined;
  /** Its own answer, where it answers. */
  readonly own: RedundancyStatus | undefined;
  /** What the other node shows of it, where that differs. */
  readonly seenAs: NodeStatus['state'] | undefined;
}

/** Both nodes' answers made into one picture. */
export interface RedundancyView {
  readonly self: NodeView | undefined;
  readonly peer: NodeView | undefined;
  /** The answer that tells of the pair: the active node's, else any; while neither answers, the last one. */
  readonly lead: RedundancyStatus | undefined;
  /** One of them has answered at last: what is told is of now. */
  readonly isTold: boolean;
  readonly conflict: boolean;
  readonly events: readonly RedundancyEvent[];
  /** Of both nodes, what goes on longest first. */
  readonly activities: readonly Activity[];
}

export const emptyRedundancy: RedundancyView = { self: undefined, peer: undefined, lead: undefined, isTold: false, conflict: false, events: [], activities: [] };

const shownEvents = 300;

/**
 * `own` is the answer of the node that served this page, `other` the one of its peer; either may be missing.
 * The card of a silent node is drawn from what the other one says, so no card vanishes with its node.
 */
export function combine(own: RedundancyStatus | undefined, other: RedundancyStatus | undefined, ownUrl: string, otherUrl: string | undefined): RedundancyView {
  const lead = [own, other].find((status) => status?.self.role === 'active') ?? own ?? other;
  return {
    self: nodeView(own, other, ownUrl),
    peer: nodeView(other, own, otherUrl),
    lead,
    isTold: lead !== undefined,
    conflict: own?.self.role === 'active' && other?.self.role === 'active',
    events: mergeEvents([...(own?.events ?? []), ...(other?.events ?? [])]),
    activities: mergeActivities([...(own?.activities ?? []), ...(other?.activities ?? [])]),
  };
}

/** Neither node answers: what was told last stays, as of neither, so that what is open on it does, and is not taken for the present. */
export function untold(last: RedundancyView): RedundancyView {
  const silent = (view: NodeView | undefined): NodeView | undefined => (view === undefined ? undefined : { ...view, own: undefined, seenAs: undefined });
  return { ...last, self: silent(last.self), peer: silent(last.peer), isTold: false, conflict: false };
}

/** The node that is active, where it answers: what concerns the pair is asked of it. */
export function activeNode({ self, peer }: RedundancyView): NodeView | undefined {
  return [self, peer].find((view) => view?.own?.self.role === 'active');
}

/** Since when the active node is active, as far as the event record tells. */
export function activeSince(status: RedundancyStatus | undefined): number | undefined {
  if (status === undefined) return undefined;
  const begun = status.events.filter((event) => event.cause !== undefined).map((event) => event.timeMs);
  return begun.length === 0 ? undefined : Math.max(...begun);
}

const settleMs = 3000;

/**
 * Right after a planned move the roles have changed and the link is about to follow: what is known then is of the
 * moment before. Not after a failover, where "not protected" is the truth from the first moment.
 */
export function isSettling(lead: RedundancyStatus, node: string, followedSinceMs: number, nowMs: number = Date.now()): boolean {
  if (lead.protected && lead.self.id === node) return false;
  if (nowMs - followedSinceMs >= settleMs) return false;
  return lead.self.id !== node || lead.epoch?.cause === 'switch' || lead.epoch?.cause === 'recovery' || lead.epoch?.cause === 'field';
}

function nodeView(own: RedundancyStatus | undefined, other: RedundancyStatus | undefined, url: string | undefined): NodeView | undefined {
  const node = own?.self ?? other?.peer;
  if (node === undefined) return undefined;
  const seen = other?.peer?.state;
  return { node, url, own, seenAs: own !== undefined && seen !== undefined && seen !== own.self.state ? seen : undefined };
}

function mergeEvents(events: readonly RedundancyEvent[]): readonly RedundancyEvent[] {
  const unique = new Map(events.map((event) => [`${event.timeMs} ${event.node} ${event.what}`, event]));
  return [...unique.values()].sort((a, b) => b.timeMs - a.timeMs).slice(0, shownEvents);
}

/** Synchronization is told by both nodes: the one that can count it is believed. */
export function mergeActivities(activities: readonly Activity[]): readonly Activity[] {
  const told = activities.filter((activity) => activity.kind !== 'sync' || activity === bestOf(activities.filter(({ kind, subject }) => kind === 'sync' && subject === activity.subject)));
  return told.sort((a, b) => a.startedMs - b.startedMs);
}

function bestOf(same: readonly Activity[]): Activity | undefined {
  return same.find(({ total = 0 }) => total > 0) ?? same[0];
}
