import { drivers } from '../../drivers/index.js';
import { loadSite, type NodeDocument, type SourceFile } from '../config/index.js';
import { TandemError, type Log } from '../contract/index.js';
import type { SheetDesk, SiteLoader } from '../gateway/configuration.js';
import { callInWorker } from '../platform/worker-call.js';
import type { SheetAnswer, SheetRefusal, SheetTask } from './sheet-worker.js';
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

/** Spreadsheets of site documents, beside the work of the node. */
export const sheetDesk: SheetDesk = {
  write: async (text, section, dialect) => inWorker({ kind: 'write', text, section, dialect }),
  read: async (text, request) => inWorker({ kind: 'read', text, request }),
};

async function inWorker<T extends SheetTask>(task: T): Promise<SheetAnswer<T>> {
  const answer = await callInWorker<SheetAnswer<T> | SheetRefusal>(new URL('./sheet-worker.js', import.meta.url), task);
  if (typeof answer === 'object' && 'refused' in answer) throw new TandemError(answer.refused, answer.message);
  return answer;
}
