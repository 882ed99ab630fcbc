import type { AppliedConfiguration, ConfigurationApi, ConfigurationRequest } from '../clients/index.js';
import { infoOf, placedInSheet, SHEET_FILE, type ImportedDays, type YearRange, type LoadedSite } from '../config/index.js';
import {
  isTandemError,
  TandemError,
  type ConfigurationCheck,
  type ConfigurationDiff,
  type ConfigurationDocument,
  type ConfigurationInfo,
  type ConfigurationOrigin,
  type Log,
  type Problem,
  type SheetDialect,
  type SheetDiff,
  type SheetRequest,
  type SheetSection,
  type SiteConfig,
} from '../contract/index.js';
import type { PairState, Publisher } from '../image/index.js';
import { configurationAt, configurationHistory, currentConfiguration, putConfiguration, type ConfigurationReader, type Pair } from '../redundancy/index.js';
import type { Activities } from './activities.js';
import type { ConfigurationSource, Report } from './configuration-source.js';
import { SiteFile, type WaitingFile } from './site-file.js';
import type { SiteInForce } from './site-in-force.js';
import { mustSuitStandby } from './standby-check.js';
import { fileOf, pointsOf, refused, versionProblem } from './stored-document.js';

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
  /** What stands in for a document that cannot be run here: see site-to-start.ts. */
  readonly replacement: ConfigurationDocument | undefined;
}

/** The site configuration as a document of the pair (R17, R25, rule 12): checked, applied on both nodes at one frame, kept. */
export class Configuration implements ConfigurationReader, ConfigurationApi {
  private changing = false;
  private readonly siteFile: SiteFile;

  constructor(private readonly parts: ConfigurationParts) {
    this.siteFile = new SiteFile({ ...parts, file: parts.source.file, current: () => this.current(), history: () => this.history() });
  }

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

  /** See {@link SiteFile}. */
  candidate(): WaitingFile | undefined {
    return this.siteFile.waiting();
  }

  async applyCandidate(request: ConfigurationRequest): Promise<AppliedConfiguration> {
    const { text, file } = this.siteFile.mustBeWaiting();
    const applied = await this.apply(text, { ...request, file }, 'file');
    // It is in force: that the file is not remembered as seen only means that it is shown once more.
    await this.siteFile.settle().catch((error: unknown) => this.parts.log.error('the site file could not be marked as seen', error));
    return applied;
  }

  /** The file stays as it is and is not shown any more, until it changes again. */
  async dismissCandidate(): Promise<void> {
    this.siteFile.mustBeWaiting();
    await this.siteFile.settle();
  }

  /** See {@link SiteFile.consider}. */
  async considerFile(loaded: LoadedSite | undefined): Promise<void> {
    await this.siteFile.consider(loaded);
  }

  /** After a frame that may have brought a document. */
  async noticed(): Promise<void> {
    await this.siteFile.noticed();
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
    await this.siteFile.noticed();
  }

  private async change(text: string, { by, comment, expected, file }: ConfigurationRequest, how: ConfigurationOrigin['how'], report: Report): Promise<AppliedConfiguration> {
    const { source, inForce, state, publisher, node, pairTime, log } = this.parts;
    const fromMs = pairTime();
    const { site, problems } = await source.load({ path: 'configuration', text });
    const mistakes = site === undefined ? problems : [...problems, ...this.problemsOfChange(site)];
    if (site === undefined || mistakes.some(({ severity }) => severity === 'error')) throw refused('the configuration has errors and was not applied', mistakes);
    const ownMs = pairTime() - fromMs;
    const before = this.mustBeStored();
    // What is exported and applied again is no change, and takes no place among the few that are kept.
    if (text === before.text) return { ...infoOf(before), held: await this.confirmed(before, state.position.seq) };
    const origin: ConfigurationOrigin = { how, node, user: by, timeMs: pairTime(), comment, ...(file === undefined ? {} : { file }) };
    const document: ConfigurationDocument = { revision: site.revision, number: before.number + 1, points: pointsOf(site), origin, text };
    report({ step: 'ask-standby' });
    await mustSuitStandby(this.parts.pair, document, ownMs);
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

  private problemsOfChange(site: SiteConfig): Problem[] {
    const { name } = this.parts.inForce.current;
    if (site.name === name) return [];
    return [{ code: 'CONFIG_UNSAFE', message: `the site is called \`${name}\`: its name is what holds the pair and its history together and cannot be changed while it runs`, file: 'configuration', line: 1, column: 1, path: 'site.name', severity: 'error' }];
  }
}

function errorsIn(problems: readonly Problem[]): number {
  return problems.filter(({ severity }) => severity === 'error').length;
}
