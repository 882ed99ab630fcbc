import { drivers } from '../../drivers/index.js';
import { loadSite, type ImportedDays, type NodeDocument, type SourceFile } from '../config/index.js';
import { TandemError, type ActivityProgress, type ConfigurationDiff, type Log } from '../contract/index.js';
import type { SheetDesk, SiteLoader } from '../gateway/configuration-source.js';
import { directTexts, type TextDesk } from '../gateway/text-desk.js';
import { callInWorker } from '../platform/worker-call.js';
import type { SheetAnswer, SheetRefusal, SheetTask } from './sheet-worker.js';
import type { SiteAnswer, SiteRequest } from './site-worker.js';
import type { TextAnswer, TextTask } from './text-worker.js';

/** A text that is parsed sooner than a thread starts, in characters. */
const SHORT_TEXT = 20_000;

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
  write: async (text, section, dialect, report) => inWorker({ kind: 'write', text, section, dialect }, report),
  read: async (text, request, report) => inWorker({ kind: 'read', text, request }, report),
};

async function inWorker<T extends SheetTask>(task: T, report?: (progress: ActivityProgress) => void): Promise<SheetAnswer<T>> {
  const answer = await callInWorker<SheetAnswer<T> | SheetRefusal>(new URL('./sheet-worker.js', import.meta.url), task, report);
  if (typeof answer === 'object' && 'refused' in answer) throw new TandemError(answer.refused, answer.message);
  return answer;
}

/** Work on the text of site documents, beside the work of the node where it takes its time. */
export const textDesk: TextDesk = {
  edit: async (...given) => (isShort(given[0]) ? directTexts.edit(...given) : ((await byTextWorker({ kind: 'edit', given })) as string)),
  definition: async (...given) => (isShort(given[0]) ? directTexts.definition(...given) : byTextWorker({ kind: 'definition', given })),
  compare: async (...given) => (isShort(...given.map(({ text }) => text)) ? directTexts.compare(...given) : ((await byTextWorker({ kind: 'compare', given })) as ConfigurationDiff)),
  addBlocks: async (...given) => (isShort(...given) ? directTexts.addBlocks(...given) : ((await byTextWorker({ kind: 'addBlocks', given })) as string)),
  // A calendar of a few lines may repeat for centuries: the length of its text says nothing.
  holidays: async (...given) => (await byTextWorker({ kind: 'holidays', given })) as ImportedDays,
  digests: async (...given) => (isShort(...given) ? directTexts.digests(...given) : ((await byTextWorker({ kind: 'digests', given })) as Readonly<Record<string, string>>)),
};

function isShort(...texts: readonly string[]): boolean {
  return texts.reduce((sum, { length }) => sum + length, 0) < SHORT_TEXT;
}

async function byTextWorker(task: TextTask): Promise<unknown> {
  const answer = await callInWorker<TextAnswer>(new URL('./text-worker.js', import.meta.url), task);
  if ('refused' in answer) throw new TandemError(answer.refused, answer.message, answer.details === undefined ? {} : { details: answer.details });
  return answer.result;
}
