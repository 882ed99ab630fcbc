import type { NodeLink } from './node-link.js';
import type { ReadFrom } from './types.js';

/** What is known of how far nodes are, from their heartbeats. */
export type Level = Map<NodeLink, { readonly isLevel: boolean; /** What the client held, or the active node had told of, at that heartbeat. */ readonly knownSeq: number }>;

/** Whom values come from: the active node, or a standby where `readFrom` says so and one can be read. */
export function chooseSource(readFrom: ReadFrom, links: readonly NodeLink[], active: NodeLink | undefined, current: NodeLink | undefined, level: Level): NodeLink | undefined {
  if (readFrom === 'active') return active;
  const standbys = links.filter((link) => link.ready && link.role === 'standby' && !link.refusesReaders);
  // The one that is read already: moving costs a resume.
  const kept = current !== undefined && standbys.includes(current) ? current : undefined;
  if (readFrom === 'any') return active ?? kept ?? standbys[0];
  // One that comes back after an absence still holds old values: what was shown would go back in time.
  const isLevel = (link: NodeLink): boolean => level.get(link)?.isLevel === true && link.epoch >= (active?.epoch ?? 0);
  const wanted = kept !== undefined && isLevel(kept) ? kept : standbys.find(isLevel);
  return wanted ?? active ?? kept ?? standbys[0];
}
