import { parentPort, workerData } from 'node:worker_threads';
import { drivers } from '../../drivers/index.js';
import { loadNode, loadSite, type LoadedSite, type SourceFile } from '../config/index.js';
import { realClock } from '../platform/time.js';

/**
 * Reads a site document off the main thread: ten thousand points take a second, in which a node must not fall silent.
 * What cannot be handed over between threads is told as such.
 */
export interface SiteRequest {
  readonly site: SourceFile;
  readonly node: SourceFile;
}

export type SiteAnswer = LoadedSite | { readonly stays: string };

const { site, node } = workerData as SiteRequest;
const loaded = loadSite(site, drivers, loadNode(node, realClock.wallMs()).node);
try {
  parentPort?.postMessage(loaded);
} catch (error) {
  parentPort?.postMessage({ stays: String(error) } satisfies SiteAnswer);
}
