import { TandemError, type ConfigurationDocument, type Problem, type SiteConfig } from '../contract/index.js';
import type { KeyedState } from '../image/index.js';
import { configurationAt, configurationHistory, currentConfiguration } from '../redundancy/index.js';
import type { ConfigurationSource } from './configuration-source.js';
import { fileOf, pointsOf, versionProblem } from './stored-document.js';

/** What a node starts with. */
export interface SiteToStart {
  readonly site: SiteConfig;
  /** The document that it is of, where that stands in for the one in force, which cannot be run here. */
  readonly replacement?: ConfigurationDocument;
}

/** How many older documents are tried for one that could be run instead. */
const MOST_TRIED = 5;

/**
 * The site that a node starts with: the pair's, where it has one, else its file's. What is not to be run here is left only
 * for the document that a person has named.
 * @throws CONFIG_STORED, CONFIG_FILE, CONFIG_UNKNOWN
 */
export async function siteToStart(keyed: KeyedState, fromFile: SiteConfig | undefined, source: ConfigurationSource | undefined): Promise<SiteToStart> {
  const document = currentConfiguration(keyed);
  if (document === undefined || source === undefined) {
    if (fromFile === undefined) throw new TandemError('CONFIG_FILE', 'this node holds no configuration, and its site file cannot be used');
    return { site: fromFile };
  }
  if (document.revision === fromFile?.revision) return { site: fromFile };
  const read = await readStored(document, source);
  if (read.site !== undefined) return { site: read.site };
  const cannot = `configuration ${document.number} of the pair cannot be run here: ${firstError(read.problems)}`;
  if (source.inPlace !== undefined) {
    const replacement = configurationAt(keyed, source.inPlace);
    if (replacement === undefined) throw new TandemError('CONFIG_UNKNOWN', `configuration ${source.inPlace} is not kept on this node (any more); ${cannot}`);
    const { site, problems } = await readStored(replacement, source);
    if (site === undefined) throw new TandemError('CONFIG_STORED', `nor can configuration ${source.inPlace}: ${firstError(problems)}; ${cannot}`, { details: { problems } });
    return { site, replacement };
  }
  const instead = await newestThatRuns(keyed, document.number, source);
  const wayOut = instead === undefined ? '' : `. Configuration ${instead} can: where no node runs ${document.number} any more, start this one with --configuration ${instead}`;
  throw new TandemError('CONFIG_STORED', cannot + wayOut, { details: { problems: read.problems } });
}

async function newestThatRuns(keyed: KeyedState, below: number, source: ConfigurationSource): Promise<number | undefined> {
  const older = configurationHistory(keyed).filter(({ number }) => number < below);
  for (const { number } of older.slice(0, MOST_TRIED)) {
    const document = configurationAt(keyed, number);
    if (document !== undefined && (await readStored(document, source)).site !== undefined) return number;
  }
  return undefined;
}

async function readStored(document: ConfigurationDocument, source: ConfigurationSource): Promise<{ readonly site?: SiteConfig; readonly problems: readonly Problem[] }> {
  const { site, problems } = await source.load(fileOf(document));
  if (site === undefined) return { problems };
  if (pointsOf(site) !== document.points) return { problems: [versionProblem(document)] };
  return { site: { ...site, revision: document.revision }, problems };
}

function firstError(problems: readonly Problem[]): string {
  const [error] = problems.filter(({ severity }) => severity === 'error');
  return `${error?.path ?? ''} ${error?.message ?? ''}`;
}
