import { createHash } from 'node:crypto';
import type { AppliedConfiguration, ConfigurationApi, ConfigurationRequest } from '../clients/index.js';
import { infoOf, placedInSheet, SHEET_FILE, type ImportedDays, type YearRange, type LoadedSite, type SourceFile } from '../config/index.js';
import {
  isTandemError,
  TandemError,
  type ActivityProgress,
  type ConfigurationCandidate,
  type ConfigurationCheck,
  type ConfigurationDiff,
  type ConfigurationDocument,
  type ConfigurationInfo,
  type ConfigurationOrigin,
  type Log,
  type Problem,
  type SheetDialect,
  type SheetDiff,
  type SheetReading,
  type SheetRequest,
  type SheetSection,
  type SiteConfig,
} from '../contract/index.js';
import type { KeyedState, PairState, Publisher } from '../image/index.js';
import { configurationAt, configurationHistory, currentConfiguration, putConfiguration, type ConfigurationReader, type Pair } from '../redundancy/index.js';
import type { Activities } from './activities.js';
import type { SiteInForce } from './site-in-force.js';
import type { TextDesk } from './text-desk.js';

/** Where work tells how far it is. */
type Report = (progress: ActivityProgress) => void;

/** Reads a site document as this machine would run it. Takes its time off the main thread where that is possible. */
export type SiteLoader = (file: SourceFile) => Promise<LoadedSite>;

/** Writes and reads spreadsheets of a site document; likewise off the main thread. */
export interface SheetDesk {
  write(text: string, section: SheetSection, dialect: SheetDialect, report?: Report): Promise<string>;
  read(text: string, request: SheetRequest, report?: Report): Promise<SheetReading>;
}

/** What a node is given of its site's configuration; without it the configuration is fixed. */
export interface ConfigurationSource {
  readonly load: SiteLoader;
  readonly sheets: SheetDesk;
  readonly texts: TextDesk;
  /** The site file of this machine; absent where it cannot be read. */
  readonly file?: SourceFile;
  /** Number of the document to start with where the one in force cannot be run here: a person's way out. */
  readonly inPlace?: number;
}

/** What a node starts with. */
export interface SiteToStart {
  readonly site: SiteConfig;
  /** The document that it is of, where that stands in for the one in force, which cannot be run here. */
  readonly replacement?: ConfigurationDocument;
}

export interface ConfigurationParts {
  readonly source: ConfigurationSource;
  readonly node: string;
  readonly inForce: SiteInForce;
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly pair: () => Pair;
  readonly pairTime: () => number;
  readonly readMark: () => Promise<unknown>;
  readonly writeMark: (digest: string) => Promise<void>;
  readonly activities: Pick<Activities, 'run'>;
  readonly log: Log;
  /** See {@link SiteToStart}. */
  readonly replacement: ConfigurationDocument | undefined;
}

/** The site configuration as a document of the pair (R17, R25, rule 12): checked, applied on both nodes at one frame, kept. */
export class Configuration implements ConfigurationReader, ConfigurationApi {
  private changing = false;
  /** What the site file means, where it is not in force and nobody has dismissed it. */
  private proposed: { readonly file: SourceFile; readonly loaded: LoadedSite } | undefined;

  constructor(private readonly parts: ConfigurationParts) {}

  current(): ConfigurationDocument | undefined {
    return currentConfiguration(this.parts.state.keyed);
  }

  async prepare(document: ConfigurationDocument): Promise<readonly Problem[]> {
    const { inForce, source, activities } = this.parts;
    if (inForce.tableOf(document.revision) !== undefined) return [];
    const { site, problems } = await activities.run({ kind: 'check', subject: String(document.number), step: 'check-document' }, async () => source.load(fileOf(document)));
    if (site === undefined) return problems;
    if (pointsOf(site) !== document.points) return [...problems, versionProblem(document)];
    inForce.prepare({ ...site, revision: document.revision });
    return problems;
  }

  replacement(): ConfigurationDocument | undefined {
    const { replacement, inForce, node, pairTime } = this.parts;
    const current = this.current();
    if (replacement === undefined || current === undefined || inForce.current.revision === current.revision) return undefined;
    const comment = `configuration ${replacement.number} in place of ${current.number}, which node ${node} cannot run`;
    return { ...replacement, number: current.number + 1, origin: { how: 'rollback', node, user: 'command line', timeMs: pairTime(), comment } };
  }

  /** Everything that is wrong with a text, as this node would run it. */
  async check(text: string): Promise<ConfigurationCheck> {
    return this.parts.activities.run({ kind: 'check', step: 'check-document' }, async () => this.found(text), ({ problems }) => ({ errors: errorsIn(problems) }));
  }

  private async found(text: string): Promise<ConfigurationCheck> {
    const { site, problems } = await this.parts.source.load({ path: 'configuration', text });
    const all = site === undefined ? problems : [...problems, ...this.problemsOfChange(site)];
    const ok = site !== undefined && all.every(({ severity }) => severity !== 'error');
    return { ok, problems: all, ...(ok ? { revision: site.revision } : {}) };
  }

  /** As {@link check}, of what is in force with one definition put or replaced. @throws CONFIG_UNKNOWN */
  async checkDefinition(section: string, name: string, value: unknown): Promise<ConfigurationCheck> {
    return this.check(await this.parts.source.texts.edit(this.mustBeStored().text, section, name, value));
  }

  /**
   * Puts a text into force on both nodes: read here, read by the standby, then one frame that carries it.
   * @throws NOT_ACTIVE, CONFIG_CONFLICT, CONFIG_REFUSED (details.problems), CONFIG_PARTNER
   */
  async apply(text: string, request: ConfigurationRequest, how: ConfigurationOrigin['how'] = 'edit'): Promise<AppliedConfiguration> {
    this.mustBeAllowed(request.expected);
    if (this.changing) throw new TandemError('CONFIG_CONFLICT', 'another change of the configuration is under way: look at it, then try again');
    this.changing = true;
    try {
      return await this.parts.activities.run({ kind: 'apply', by: request.by, step: 'check-document' }, async (report) => this.change(text, request, how, report), ({ number }) => ({ number }));
    } finally {
      this.changing = false;
    }
  }

  /** Puts, replaces or (undefined) removes one definition. @throws as {@link apply}, and CONFIG_UNKNOWN */
  async edit(section: string, name: string, value: unknown, request: ConfigurationRequest): Promise<AppliedConfiguration> {
    // Before and not only within: what is edited here must be the text that `expected` names.
    this.mustBeAllowed(request.expected);
    return this.apply(await this.parts.source.texts.edit(this.mustBeStored().text, section, name, value), request);
  }

  /** A section as a table for spreadsheets. */
  async sheet(section: SheetSection, dialect: SheetDialect): Promise<string> {
    const { text } = this.mustBeStored();
    return this.parts.activities.run({ kind: 'export', subject: section, step: 'write-rows' }, async (report) => this.parts.source.sheets.write(text, section, dialect, report));
  }

  /** What a table would change, and everything that is wrong with it: cell by cell, and with the document that would follow. */
  async sheetDiff(request: SheetRequest): Promise<SheetDiff> {
    return (await this.readSheet(request)).diff;
  }

  /**
   * Puts what a table changes into force, as {@link apply}; a table that changes nothing leaves the configuration as it is.
   * @throws as {@link apply}; CONFIG_REFUSED with the problems by row and column of the table
   */
  async applySheet(sheet: SheetRequest, request: ConfigurationRequest): Promise<{ readonly diff: SheetDiff; readonly applied?: AppliedConfiguration }> {
    this.mustBeAllowed(request.expected);
    const { diff, text } = await this.readSheet(sheet, request.by);
    if (!diff.ok) throw refused('the table has errors and was not applied', diff.problems);
    if (diff.changes.length === 0) return { diff };
    return { diff, applied: await this.apply(text, request) };
  }

  private async readSheet(request: SheetRequest, by?: string): Promise<{ readonly diff: SheetDiff; readonly text: string }> {
    const present = this.mustBeStored().text;
    return this.parts.activities.run({ kind: 'import', subject: request.section, ...(by === undefined ? {} : { by }), step: 'read-rows' }, async (report) => this.readRows(present, request, report), ({ diff }) => ({ changes: diff.changes.length, errors: errorsIn(diff.problems) }));
  }

  private async readRows(present: string, request: SheetRequest, report: Report): Promise<{ readonly diff: SheetDiff; readonly text: string }> {
    const { text, places, ...reading } = await this.parts.source.sheets.read(present, request, report);
    report({ step: 'check-document' });
    const { problems: found } = reading.changes.length === 0 ? { problems: [] } : await this.found(text);
    const atCells = new Set(reading.problems.map(({ line, column }) => `${line}/${column}`));
    // A cell that is complained of already has nothing in it that could be checked.
    const more = placedInSheet(found, request.section, places, SHEET_FILE).filter(({ file, line, column }) => file !== SHEET_FILE || !atCells.has(`${line}/${column}`));
    const problems = [...reading.problems, ...more];
    return { diff: { ...reading, problems, ok: problems.every(({ severity }) => severity !== 'error') }, text };
  }

  /** @throws CALENDAR_INVALID */
  async holidays(text: string, years: YearRange): Promise<ImportedDays> {
    return this.parts.source.texts.holidays(text, years);
  }

  /** @throws CONFIG_UNKNOWN */
  async definition(section: string, name?: string): Promise<unknown> {
    const value = await this.parts.source.texts.definition(this.mustBeStored().text, section, name);
    if (value === undefined) throw new TandemError('CONFIG_UNKNOWN', `the configuration has no ${name === undefined ? `section ${section}` : `${section} ${name}`}`);
    return value;
  }

  /** Newest first. */
  history(): readonly ConfigurationInfo[] {
    return configurationHistory(this.parts.state.keyed);
  }

  /** @throws CONFIG_UNKNOWN */
  document(number: number): ConfigurationDocument {
    const found = configurationAt(this.parts.state.keyed, number);
    if (found === undefined) throw new TandemError('CONFIG_UNKNOWN', `configuration ${number} is not kept (any more)`);
    return found;
  }

  async diff(from: number, to: number): Promise<ConfigurationDiff> {
    return this.parts.source.texts.compare(this.document(from), this.document(to));
  }

  async diffText(text: string): Promise<ConfigurationDiff> {
    const current = this.mustBeStored();
    return this.parts.source.texts.compare(current, { ...current, number: 0, revision: 'text', text });
  }

  async rollback(number: number, request: ConfigurationRequest): Promise<AppliedConfiguration> {
    const comment = request.comment === '' ? `back to ${number}` : request.comment;
    return this.apply(this.document(number).text, { ...request, comment }, 'rollback');
  }

  /** The site file of this node, where it was changed by hand. It is never put into force by itself (rule 12). */
  candidate(): (ConfigurationCandidate & { readonly text: string }) | undefined {
    const { proposed, parts } = this;
    const current = this.current();
    if (proposed === undefined || current === undefined) return undefined;
    const { file, loaded } = proposed;
    if (file.text === current.text || this.history().some(({ revision }) => revision === loaded.site?.revision)) return undefined;
    return { file: file.path, node: parts.node, problems: loaded.problems, text: file.text, ...(loaded.site === undefined ? {} : { revision: loaded.site.revision }) };
  }

  async applyCandidate(request: ConfigurationRequest): Promise<AppliedConfiguration> {
    const { text, file } = this.mustHaveCandidate();
    const applied = await this.apply(text, { ...request, file }, 'file');
    // It is in force: that the file is not remembered as seen only means that it is shown once more.
    await this.settleFile().catch((error: unknown) => this.parts.log.error('the site file could not be marked as seen', error));
    return applied;
  }

  /** The file stays as it is and is not shown any more, until it changes again. */
  async dismissCandidate(): Promise<void> {
    this.mustHaveCandidate();
    await this.settleFile();
  }

  /** Looks at the site file once, at the start of the node: what it means, and whether it was seen before. */
  async considerFile(loaded: LoadedSite | undefined): Promise<void> {
    const { source, readMark } = this.parts;
    const { file } = source;
    if (file === undefined || loaded === undefined || (await readMark()) === digestOf(file.text)) return;
    this.proposed = { file, loaded };
  }

  /** On activation: the first node of all takes its file as revision 1. */
  async activated(): Promise<void> {
    const { state, publisher, inForce, source, node, pairTime } = this.parts;
    if (this.current() === undefined && source.file !== undefined) {
      const { path, text } = source.file;
      const site = inForce.current;
      const origin: ConfigurationOrigin = { how: 'file', node, user: '', timeMs: pairTime(), comment: 'first configuration of the pair', file: path };
      publisher.record(putConfiguration(state.keyed, { revision: site.revision, number: 1, points: pointsOf(site), origin, text }), [{ kind: 'configuration', data: { number: 1, revision: site.revision, how: 'file', node, by: '', comment: origin.comment } }]);
    }
    await this.noticed();
  }

  /** After a frame that may have brought a document: a file that says what the pair has had needs no attention any more. */
  async noticed(): Promise<void> {
    if (this.proposed !== undefined && this.current() !== undefined && this.candidate() === undefined) await this.settleFile();
  }

  private async settleFile(): Promise<void> {
    const { source, writeMark } = this.parts;
    this.proposed = undefined;
    if (source.file !== undefined) await writeMark(digestOf(source.file.text));
  }

  private async change(text: string, { by, comment, expected, file }: ConfigurationRequest, how: ConfigurationOrigin['how'], report: Report): Promise<AppliedConfiguration> {
    const { source, inForce, state, publisher, node, pairTime, log } = this.parts;
    const fromMs = pairTime();
    const { site, problems } = await source.load({ path: 'configuration', text });
    const mistakes = site === undefined ? problems : [...problems, ...this.problemsOfChange(site)];
    if (site === undefined || mistakes.some(({ severity }) => severity === 'error')) throw refused('the configuration has errors and was not applied', mistakes);
    const ownMs = pairTime() - fromMs;
    const before = this.mustBeStored();
    const origin: ConfigurationOrigin = { how, node, user: by, timeMs: pairTime(), comment, ...(file === undefined ? {} : { file }) };
    const document: ConfigurationDocument = { revision: site.revision, number: before.number + 1, points: pointsOf(site), origin, text };
    report({ step: 'ask-standby' });
    await this.mustSuitStandby(document, ownMs);
    this.mustBeAllowed(expected);
    const table = inForce.prepare(site);
    // From here to the record in one go: the frame is the first of the new configuration, and there is none between.
    publisher.cut();
    if (state.table.revision !== site.revision) state.retable(table);
    const seq = publisher.record(putConfiguration(state.keyed, document), [
      { kind: 'configuration', data: { number: document.number, revision: document.revision, from: before.revision, how, node, by, comment } },
    ]);
    log.info(`configuration ${document.number} (${document.revision}) is in force from frame ${seq}, by ${by}: ${comment}`);
    return { ...infoOf(document), held: await this.confirmed(document, seq) };
  }

  /** `ownMs`: how long reading it took here. */
  private async mustSuitStandby(document: ConfigurationDocument, ownMs: number): Promise<void> {
    for (let asked = 0; asked < MOST_ASKED; asked++) {
      const { exchange, linkVersion } = this.parts.pair();
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

  /** What was put into force stays so, whoever holds it: the error must not say that nothing was done. */
  private async confirmed({ number, revision }: ConfigurationDocument, seq: number): Promise<AppliedConfiguration['held']> {
    try {
      return await this.parts.pair().sync.confirm(seq);
    } catch (error) {
      if (!isTandemError(error)) throw error;
      throw new TandemError(error.code, `configuration ${number} (${revision}) was put into force on this node, but nobody confirms that the pair keeps it: look which one is in force before trying again (${error.message})`, { details: { number, revision } });
    }
  }

  private mustBeAllowed(expected: string): void {
    if (this.parts.pair().currentRole !== 'active') throw new TandemError('NOT_ACTIVE', 'the configuration is changed on the active node: ask the other one');
    const { revision, number } = this.mustBeStored();
    if (revision !== expected) throw new TandemError('CONFIG_CONFLICT', `configuration ${number} (${revision}) is in force by now, and the change was made on ${expected}: look at the difference, then try again`);
  }

  private mustBeStored(): ConfigurationDocument {
    const current = this.current();
    if (current === undefined) throw new TandemError('CONFIG_UNKNOWN', 'the pair has no stored configuration yet: a node has to become active first');
    return current;
  }

  private mustHaveCandidate(): ConfigurationCandidate & { readonly text: string } {
    const candidate = this.candidate();
    if (candidate === undefined) throw new TandemError('CONFIG_UNKNOWN', 'the site file of this node is not waiting for anybody');
    return candidate;
  }

  private problemsOfChange(site: SiteConfig): Problem[] {
    const { name } = this.parts.inForce.current;
    if (site.name === name) return [];
    return [{ code: 'CONFIG_UNSAFE', message: `the site is called \`${name}\`: its name is what holds the pair and its history together and cannot be changed while it runs`, file: 'configuration', line: 1, column: 1, path: 'site.name', severity: 'error' }];
  }
}

/** How long the other node may take to read a document, and how many times as long as this one did: it may be the busier one. */
const LEAST_PATIENCE_MS = 60_000;
const PATIENCE = 10;
/** Connections on which it is asked. */
const MOST_ASKED = 5;

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

function fileOf({ number, text }: ConfigurationDocument): SourceFile {
  return { path: `configuration ${number}`, text };
}

function pointsOf({ points }: SiteConfig): string {
  return createHash('sha256').update(JSON.stringify(points.map(({ name, kind }) => [name, kind]))).digest('hex').slice(0, 16);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function versionProblem({ number }: ConfigurationDocument): Problem {
  return { code: 'CONFIG_REFUSED', message: 'this version reads other points from the document than the one that wrote it: run the same version on both nodes', file: `configuration ${number}`, line: 1, column: 1, path: 'points', severity: 'error' };
}

function refused(message: string, problems: readonly Problem[]): TandemError {
  const [first] = problems.filter(({ severity }) => severity === 'error');
  return new TandemError('CONFIG_REFUSED', `${message}: ${first === undefined ? '' : `${first.file}:${first.line} ${first.path} ${first.message}`}`, { details: { problems } });
}

function errorsIn(problems: readonly Problem[]): number {
  return problems.filter(({ severity }) => severity === 'error').length;
}
