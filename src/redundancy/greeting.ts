import type { Refusal } from './link-contract.js';
import type { LinkHello } from './link-messages.js';

/** A greeting that does not fit. `ofThisPair`: it is of this pair all the same, and what it says of itself counts. */
export interface Misfit extends Refusal {
  readonly ofThisPair: boolean;
}

/** Why a node that greets so is no partner; undefined where the two fit. Pure. */
export function misfit(theirs: LinkHello, ours: LinkHello): Misfit | undefined {
  const refuse = (code: Refusal['code'], reason: string, ofThisPair = false): Misfit => ({ code, reason, ofThisPair });
  if (theirs.most < ours.least || theirs.least > ours.most) return refuse('LINK_VERSION', `node ${theirs.node} speaks link protocol ${theirs.least}–${theirs.most}, node ${ours.node} ${ours.least}–${ours.most}: upgrade the older one`);
  if (theirs.site !== ours.site) return refuse('LINK_SITE', `node ${theirs.node} belongs to site ${theirs.site}, node ${ours.node} to ${ours.site}: correct the partner's address`);
  if (theirs.node === ours.node) return refuse('LINK_SITE', `both nodes call themselves ${ours.node}: give each an id of its own`);
  if (theirs.mode === ours.mode || theirs.mode === 'independent') return refuse('LINK_SITE', `both nodes are configured as ${theirs.mode}: a pair is one main and one backup`);
  // Where both can give their document, the one that follows takes that of the active node (rule 12).
  if (theirs.revision === ours.revision || (theirs.configuration === true && ours.configuration === true)) return undefined;
  return refuse('LINK_REVISION', `node ${theirs.node} runs configuration ${theirs.revision}, node ${ours.node} ${ours.revision}: give both the same site document`, true);
}
