import { z } from 'zod';
import { isTandemError, messageOf, TandemError, type DiscoveredDevice, type DriverModule, type Log, type SiteConfig } from '../contract/index.js';
import type { DiscoveryStart, DiscoveryView } from '../clients/index.js';
import type { Field } from '../field/index.js';

export interface DiscoveriesOptions {
  readonly site: () => SiteConfig;
  readonly modules: readonly DriverModule[];
  readonly field: Field;
  readonly wallMs: () => number;
  readonly log: Log;
}

interface Run {
  readonly id: string;
  readonly driver: string;
  readonly line: string | null;
  readonly startedMs: number;
  readonly module: DriverModule;
  readonly found: DiscoveredDevice[];
  state: DiscoveryView['state'];
  done: number;
  total: number | undefined;
  text: string;
  error: string | undefined;
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
    const { modules, field, site, wallMs, log } = this.options;
    const module = modules.find(({ kind }) => kind === driver);
    if (module?.discovery === undefined) throw new TandemError('CONFIG_REFERENCE', `there is no driver ${driver} that can look for devices`);
    const parsed = z.strictObject(module.discovery.shape).safeParse(options);
    if (!parsed.success) throw new TandemError('CONFIG_INVALID', parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(', '));
    const known = line === undefined ? undefined : site().lines?.find(({ name }) => name === line);
    if (line !== undefined && known === undefined) throw new TandemError('CONFIG_REFERENCE', `the site has no line ${line}`);
    if ([...this.runs.values()].some(({ state }) => state === 'running')) throw new TandemError('CLIENT_LIMIT', 'one discovery runs already: wait for it, or end it');
    // As given and not as parsed: the driver reads its options itself.
    const events = field.discover(module, { options, ...(known && { line: known.line }), ...(plug ?? known?.plug ? { plug: plug ?? known?.plug ?? {} } : {}) });
    const run: Run = { id: String(++this.count), driver, line: line ?? null, startedMs: wallMs(), module, found: [], state: 'running', done: 0, total: undefined, text: '', error: undefined };
    this.runs.set(run.id, run);
    for (const id of [...this.runs.keys()].slice(0, -REMEMBERED)) this.runs.delete(id);
    this.follow(run, events).catch((error: unknown) => {
      if (!isTandemError(error)) log.error(`discovery ${run.id}`, error);
      Object.assign(run, { state: 'failed', error: messageOf(error) });
    });
    return this.view(run);
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

  stop(): void {
    for (const id of this.runs.keys()) this.cancel(id);
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

  private view({ id, driver, line, state, startedMs, done, total, text, error, found, module }: Run): DiscoveryView {
    const { devices, points } = this.options.site();
    const taken = [...devices.map(({ name }) => name), ...points.map(({ name }) => name)];
    return {
      id, driver, line, state, started: new Date(startedMs).toISOString(), done, total: total ?? null, text, error: error ?? null,
      devices: found.map(({ id: own, address, name, vendor, model, objects, problems }) => ({ id: own, address, name, vendor: vendor ?? null, model: model ?? null, objects, problems })),
      blocks: state === 'running' ? null : (module.discovery?.blocks(found, line ?? 'line', taken) ?? null),
    };
  }
}
