import { drivers } from '../../drivers/index.js';
import { loadSite, type NodeDocument, type SourceFile } from '../config/index.js';
import type { Log } from '../contract/index.js';
import type { SiteLoader } from '../gateway/configuration.js';
import { callInWorker } from '../platform/worker-call.js';
import type { SiteAnswer, SiteRequest } from './site-worker.js';

/** Reads site documents for the node of `nodeFile` while it goes on with its work. */
export function siteLoader(nodeFile: SourceFile, node: NodeDocument, log: Log): SiteLoader {
  return async (site) => {
    const answer = await callInWorker<SiteAnswer>(new URL('./site-worker.js', import.meta.url), { site, node: nodeFile } satisfies SiteRequest);
    if (!('stays' in answer)) return answer;
    log.warn(`the site document is read on the main thread: ${answer.stays}`);
    return loadSite(site, drivers, node);
  };
}
