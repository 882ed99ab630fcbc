import { createHash } from 'node:crypto';
import { VERSION, type DriverModule, type NodeConfig, type SiteConfig, type Timers } from '../contract/index.js';
import type { Field } from '../field/index.js';
import type { HistoryRequest, Inspector, Inventory, Looked } from '../redundancy/index.js';
import type { Store } from '../store/index.js';
import { addressWarnings } from './address-warnings.js';
import type { Configuration } from './configuration.js';
import type { TextDesk } from './text-desk.js';

export interface InspectionParts {
  readonly node: NodeConfig;
  readonly site: () => SiteConfig;
  readonly configuration: Configuration | undefined;
  readonly texts: TextDesk;
  readonly modules: readonly DriverModule[];
  readonly field: () => Field;
  readonly store: Store;
  readonly timers: Timers;
  /** Version of what runs the program. */
  readonly runtime?: string | undefined;
  /** Text that tells one build of the console from another. */
  readonly consoleBuild?: string | undefined;
}

/** Hourly, and whole blocks: near this age one node may have forgotten what the other one still has. */
const RETENTION_MARGIN_MS = 2 * 3_600_000;
/** How long a device may take to be asked for the first time. */
const FIRST_POLL_MS = 5_000;
const LOOK_MS = 100;

/** What a verification finds at this node (R16). */
export class Inspection implements Inspector {
  constructor(private readonly parts: InspectionParts) {}

  async inventory(): Promise<Inventory> {
    const { node, site, configuration, texts, modules, runtime, consoleBuild } = this.parts;
    const current = configuration?.current();
    const candidate = configuration?.candidate();
    const [devices, database, sections] = await Promise.all([this.devices(), this.database(), current === undefined ? {} : texts.digests(current.text)]);
    return {
      versions: { Tandem: VERSION, ...(runtime === undefined ? {} : { 'Node.js': runtime }), ...Object.fromEntries(modules.map(({ kind, version }) => [`driver ${kind}`, version])) },
      ...(current === undefined ? {} : { configuration: { revision: current.revision, number: current.number, digest: digestOf(current.text) } }),
      ...(candidate === undefined ? {} : { candidate: candidate.file }),
      sections: { ...sections },
      ...(consoleBuild === undefined ? {} : { console: digestOf(consoleBuild) }),
      devices,
      database,
      warnings: addressWarnings(site(), node),
    };
  }

  async history({ fromMs, ...request }: HistoryRequest): ReturnType<Store['historyDigests']> {
    const { store, site } = this.parts;
    const { trends, points } = site();
    const keep = new Map(trends.flatMap((trend) => trend.points.map((id) => [points[id]?.name ?? '', trend.keepMs] as const)));
    const orphanKeepMs = Math.max(0, ...keep.values());
    return store.historyDigests({ ...request, fromMs: (point) => Math.max(fromMs, request.toMs - (keep.get(point) ?? orphanKeepMs) + RETENTION_MARGIN_MS) });
  }

  async differences(ownText: string, theirText: string): Promise<readonly string[]> {
    const none = { revision: '', number: 0, points: '', origin: { how: 'file', node: '', user: '', timeMs: 0, comment: '' } } as const;
    const { changes } = await this.parts.texts.compare({ ...none, text: ownText }, { ...none, text: theirText });
    return changes.map(({ section, name, change }) => `${section}${name === '' ? '' : `.${name}`} ${change}`);
  }

  /** As this node reaches them in its present role. What may not be touched is not touched for this either. */
  private async devices(): Promise<Looked[]> {
    const { field, timers } = this.parts;
    let states = field().devices();
    for (let waited = 0; waited < FIRST_POLL_MS && states.some(isAwaited); waited += LOOK_MS) {
      await new Promise<void>((resolve) => timers.after(LOOK_MS, resolve));
      states = field().devices();
    }
    // The pair itself is no device that anybody could reach.
    return states.filter(({ driver }) => driver !== 'system').map(({ name, activity, online, lastError, points, counters }) => {
      if (activity === 'silent') return { name, state: 'unchecked', why: 'exclusive or cold: the standby does not touch it' };
      if (activity === 'listen') return { name, state: 'unchecked', why: 'the standby only listens to it' };
      if (points === 0) return { name, state: 'unchecked', why: 'it has no points, so nobody asks it anything' };
      if (online) return { name, state: 'reachable', why: '' };
      return { name, state: 'unreachable', why: lastError ?? ((counters.hostPolls ?? 0) === 0 ? 'it has not been asked yet' : 'no answer') };
    });
  }

  /** Written and read again: what is confirmed goes there. */
  private async database(): Promise<Looked> {
    const { store, node, timers } = this.parts;
    const name = node.data;
    const late = new Promise<'late'>((resolve) => void timers.after(FIRST_POLL_MS, () => resolve('late')));
    const token = digestOf(`${node.id} ${store.durableSeq}`);
    const work = store.writeMark('verify', token).then(async () => ((await store.readMark('verify')) === token ? 'same' : 'other'));
    const outcome = await Promise.race([work, late]).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (outcome === 'same') return { name, state: 'reachable', why: '' };
    return { name, state: 'unreachable', why: outcome === 'late' ? `a write took longer than ${FIRST_POLL_MS} ms` : outcome === 'other' ? 'it does not return what was written' : outcome };
  }
}

/** The first answer is still to come. */
function isAwaited({ activity, online, points, counters }: ReturnType<Field['devices']>[number]): boolean {
  return (activity === 'active' || activity === 'collect') && points > 0 && !online && (counters.hostFailedPolls ?? 0) === 0;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

