import { TandemError, type ConfigurationDocument } from '../contract/index.js';
import type { Pair } from '../redundancy/index.js';
import { refused } from './stored-document.js';

/** How long the other node may take to read a document, and how many times as long as this one did: it may be the busier one. */
const LEAST_PATIENCE_MS = 60_000;
const PATIENCE = 10;
/** Connections on which it is asked. */
const MOST_ASKED = 5;

/**
 * Asks the standby whether it can run a document. `ownMs`: how long reading it took here.
 * @throws CONFIG_PARTNER, CONFIG_REFUSED (details.problems)
 */
export async function mustSuitStandby(pair: () => Pair, document: ConfigurationDocument, ownMs: number): Promise<void> {
  for (let asked = 0; asked < MOST_ASKED; asked++) {
    const { exchange, linkVersion } = pair();
    // One that is away, or went away while it was asked, reads the document when it comes back, before it follows.
    if (exchange === undefined || linkVersion === 0) return;
    if (linkVersion < 2) throw new TandemError('CONFIG_PARTNER', 'the other node runs an older version that cannot take a configuration: upgrade it first');
    const patienceMs = Math.max(LEAST_PATIENCE_MS, PATIENCE * ownMs);
    const answer = await exchange.checkAtStandby(document, patienceMs);
    // On a busy machine a connection may end and be made again in between: it is asked on the new one.
    if (answer === 'lost') continue;
    if (answer === 'late') throw new TandemError('CONFIG_PARTNER', `the other node is there and has not said within ${Math.round(patienceMs / 1_000)} s whether it can run this configuration; nothing was applied: try again`);
    if (answer.some(({ severity }) => severity === 'error')) throw refused('the other node cannot run this configuration; nothing was applied', answer);
    return;
  }
  throw new TandemError('CONFIG_PARTNER', `the connection to the other node was lost ${MOST_ASKED} times while it was asked whether it can run this configuration; nothing was applied: try again`);
}
