import { z } from 'zod';
import { isTandemError, messageOf, TandemError, type ActivityError, type Clock, type DiscoveredDevice, type DiscoveryExchange, type DiscoveryFileWriter, type DriverDiscovery, type DriverModule, type Log, type SiteConfig, type Work } from '../contract/index.js';
import type { DiscoveryImport, DiscoveryStart, DiscoveryView, ExchangeView } from '../clients/index.js';
import type { Field } from '../field/index.js';
import { activityError, type Activities } from './activities.js';
import type { TextDesk } from './text-desk.js';

export interface DiscoveriesOptions {
  readonly site: () => SiteConfig;
  readonly modules: readonly DriverModule[];
  readonly field: Field;
  readonly texts: TextDesk;
  readonly clock: Clock;
  /** Lists what is read from files; a search is listed by {@link Discoveries.work}. */
  readonly activities: Pick<Activities, 'run'>;
  readonly log: Log;
}

interface Run {
  readonly id: string;
  readonly driver: string;
  readonly line: string | null;
  readonly startedMs: number;
  /** Monotonic. */
  readonly sinceMs: number;
  readonly module: DriverModule;
  readonly found: DiscoveredDevice[];
  state: DiscoveryView['state'];
  done: number;
  total: number | undefined;
  text: string;
  error: string | undefined;
  failure?: { readonly failedAtMs: number; readonly error: ActivityError };
  /** Of what was found in all, and the site that they go into: of thousands of points they take their time. */
  blocks?: { readonly of: SiteConfig; readonly found: number; readonly text: string };
}

/** Finished ones that can still be asked for. */
const REMEMBERED = 8;
/** Devices of one: more than anybody would look through. */
const MOST_DEVICES = 10_000;

/** Looks around in the field that people have asked for. One at a time: each is traffic that the plant does not need. */
export class Discoveries {
  private readonly runs = new Map<string, Run>();
  private count = 0;

  constructor(private readonly options: DiscoveriesOptions) {}

  /** @throws CONFIG_REFERENCE, CONFIG_INVALID, CLIENT_LIMIT while another one runs, NOT_ACTIVE */
  start({ driver, line, plug, options }: DiscoveryStart): DiscoveryView {
    const { field, log } = this.options;
    const { module, discovery } = this.moduleOf(driver);
    checkOptions(discovery.shape, options);
    const known = this.lineOf(line);
    if ([...this.runs.values()].some(({ state }) => state === 'running')) throw new TandemError('CLIENT_LIMIT', 'one discovery runs already: wait for it, or end it');
    // As given and not as parsed: the driver reads its options itself.
    const events = field.discover(module, { options, ...(known && { line: known.line }), ...(plug ?? known?.plug ? { plug: plug ?? known?.plug ?? {} } : {}) });
    const run = this.begin(module, driver, line);
    this.follow(run, events).catch((error: unknown) => {
      if (!isTandemError(error)) log.error(`discovery ${run.id}`, error);
      Object.assign(run, { state: 'failed', error: messageOf(error), failure: { failedAtMs: this.options.clock.monotonicMs(), error: activityError(error) } });
    });
    return this.view(run);
  }

  /** The search that runs, and those that failed; the id is the discovery's own, so that whoever sees it can follow it. */
  work(): readonly Work[] {
    return [...this.runs.values()]
      .filter(({ state }) => state === 'running' || state === 'failed')
      .map(({ id, driver, sinceMs, text, done, total, failure }) => ({ id: `discovery/${id}`, kind: 'discovery', subject: driver, sinceMs, step: 'search', text, done, ...(total === undefined ? {} : { total }), ...failure }));
  }

  /** Undefined for one that is not remembered. */
  get(id: string): DiscoveryView | undefined {
    const run = this.runs.get(id);
    return run && this.view(run);
  }

  /** What was found so far stays. */
  cancel(id: string): DiscoveryView | undefined {
    const run = this.runs.get(id);
    if (run?.state === 'running') run.state = 'cancelled';
    return run && this.view(run);
  }

  /** Rejects with CONFIG_REFERENCE, CONFIG_INVALID, CONFIG_SYNTAX. */
  async import({ driver, line, files, options }: DiscoveryImport): Promise<DiscoveryView> {
    const { module } = this.moduleOf(driver);
    this.lineOf(line);
    const exchange = this.exchangeOf(driver);
    checkOptions(exchange.importShape ?? {}, options);
    const found = await this.options.activities.run({ kind: 'import', subject: driver, step: 'read-rows' }, async () => exchange.import(files, options));
    const run = this.begin(module, driver, line);
    run.found.push(...found);
    Object.assign(run, { state: 'done', done: found.length, total: found.length, text: 'read from files' });
    return this.view(run);
  }

  files(id: string): ExchangeView | undefined {
    const run = this.runs.get(id);
    if (run === undefined) return undefined;
    const { format, write } = this.writerOf(run.driver);
    return { format, files: write.export(run.found, this.options.site().name, this.options.clock.wallMs()) };
  }

  /** @throws CONFIG_REFERENCE where the driver has no such files, or the site none of its devices */
  siteFiles(driver: string): ExchangeView {
    const { format, write } = this.writerOf(driver);
    const { devices, name } = this.options.site();
    const files = write.exportSite(devices, name, this.options.clock.wallMs());
    if (files.length === 0) throw new TandemError('CONFIG_REFERENCE', `the site has no devices of driver ${driver}`);
    return { format, files };
  }

  /** @throws CONFIG_SYNTAX, CONFIG_INVALID, CONFIG_REFERENCE for a device that was not found */
  async document(id: string, text: string, devices?: readonly string[]): Promise<string | undefined> {
    const run = this.runs.get(id);
    if (run === undefined) return undefined;
    const missing = devices?.find((device) => !run.found.some((found) => found.id === device));
    if (missing !== undefined) throw new TandemError('CONFIG_REFERENCE', `device ${missing} was not found`);
    return this.options.texts.addBlocks(text, this.blocksOf(run, run.found.filter((found) => devices?.includes(found.id) !== false)));
  }

  stop(): void {
    for (const id of this.runs.keys()) this.cancel(id);
  }

  private moduleOf(driver: string): { readonly module: DriverModule; readonly discovery: DriverDiscovery } {
    const module = this.options.modules.find(({ kind }) => kind === driver);
    if (module?.discovery === undefined) throw new TandemError('CONFIG_REFERENCE', `there is no driver ${driver} that can look for devices`);
    return { module, discovery: module.discovery };
  }

  private exchangeOf(driver: string): DiscoveryExchange {
    const { exchange } = this.moduleOf(driver).discovery;
    if (exchange === undefined) throw new TandemError('CONFIG_REFERENCE', `driver ${driver} has no files to exchange`);
    return exchange;
  }

  private writerOf(driver: string): { readonly format: string; readonly write: DiscoveryFileWriter } {
    const { format, write } = this.exchangeOf(driver);
    if (write === undefined) throw new TandemError('CONFIG_REFERENCE', `driver ${driver} reads files, and writes none`);
    return { format, write };
  }

  private lineOf(line: string | undefined): NonNullable<SiteConfig['lines']>[number] | undefined {
    const known = line === undefined ? undefined : this.options.site().lines?.find(({ name }) => name === line);
    if (line !== undefined && known === undefined) throw new TandemError('CONFIG_REFERENCE', `the site has no line ${line}`);
    return known;
  }

  private begin(module: DriverModule, driver: string, line: string | undefined): Run {
    const run: Run = { id: String(++this.count), driver, line: line ?? null, startedMs: this.options.clock.wallMs(), sinceMs: this.options.clock.monotonicMs(), module, found: [], state: 'running', done: 0, total: undefined, text: '', error: undefined };
    this.runs.set(run.id, run);
    for (const id of [...this.runs.keys()].slice(0, -REMEMBERED)) this.runs.delete(id);
    return run;
  }

  private blocksOf({ module, line }: Run, found: readonly DiscoveredDevice[]): string {
    const { devices, points } = this.options.site();
    return module.discovery?.blocks(found, line ?? 'line', [...devices.map(({ name }) => name), ...points.map(({ name }) => name)]) ?? '';
  }

  private allBlocks(run: Run): string {
    const { blocks, found } = run;
    const site = this.options.site();
    if (blocks?.of === site && blocks.found === found.length) return blocks.text;
    const text = this.blocksOf(run, found);
    run.blocks = { of: site, found: found.length, text };
    return text;
  }

  private async follow(run: Run, events: ReturnType<Field['discover']>): Promise<void> {
    for await (const event of events) {
      // Leaving the loop ends the search; `state` may have been changed by cancel() meanwhile.
      if (run.state !== 'running') return;
      if (event.kind === 'device') run.found.push(event.device);
      else Object.assign(run, { done: event.done, total: event.total, text: event.text });
      if (run.found.length >= MOST_DEVICES) throw new TandemError('CLIENT_LIMIT', `more than ${String(MOST_DEVICES)} devices: give a narrower range`);
    }
    if (run.state === 'running') run.state = 'done';
  }

  private view(run: Run): DiscoveryView {
    const { id, driver, line, state, startedMs, done, total, text, error, found } = run;
    return {
      id, driver, line, state, started: new Date(startedMs).toISOString(), done, total: total ?? null, text, error: error ?? null,
      devices: found.map(({ id: own, address, name, vendor, model, about, objects, problems }) => ({ id: own, address, name, vendor: vendor ?? null, model: model ?? null, about: about ?? null, objects, problems })),
      blocks: state === 'running' ? null : this.allBlocks(run),
    };
  }
}

/** @throws CONFIG_INVALID */
function checkOptions(shape: z.ZodRawShape, options: Readonly<Record<string, unknown>>): void {
  const parsed = z.strictObject(shape).safeParse(options);
  if (!parsed.success) throw new TandemError('CONFIG_INVALID', parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(', '));
}
