import { BehaviorSubject, type Observable } from 'rxjs';
import type { SiteConfig } from '../contract/index.js';
import { PointTable } from '../image/index.js';
import { LiveSettings } from '../redundancy/index.js';

/** A site that has been read and checked on this node, and may come into force with any frame. */
interface Prepared {
  readonly site: SiteConfig;
  readonly table: PointTable;
}

/** Prepared and not in force: the one that is being checked, and the last few. */
const KEPT = 4;

/**
 * The configuration in force. Which one that is follows from the frames alone, on both nodes at the same one (rule 12);
 * here is what a frame of another revision needs at once: sites that were read before, because reading takes its time.
 */
export class SiteInForce {
  /** Of the pair; when a changed one counts is the pair's business. */
  readonly settings: LiveSettings;
  private readonly sites: BehaviorSubject<SiteConfig>;
  private readonly prepared = new Map<string, Prepared>();

  constructor(site: SiteConfig) {
    this.sites = new BehaviorSubject(site);
    this.settings = new LiveSettings(site.redundancy);
    this.prepare(site);
  }

  get current(): SiteConfig {
    return this.sites.value;
  }

  /** Emits the present one at once, and each other as it comes into force. */
  get site$(): Observable<SiteConfig> {
    return this.sites;
  }

  /** May come into force from now on. */
  prepare(site: SiteConfig): PointTable {
    const table = new PointTable(site.revision, site.points);
    this.prepared.delete(site.revision);
    this.prepared.set(site.revision, { site, table });
    for (const revision of this.prepared.keys()) if (this.prepared.size > KEPT && revision !== this.current.revision) this.prepared.delete(revision);
    return table;
  }

  tableOf(revision: string): PointTable | undefined {
    return this.prepared.get(revision)?.table;
  }

  /** A frame has put it into force. */
  enter(revision: string): void {
    const entered = this.prepared.get(revision);
    if (entered === undefined) throw new RangeError(`configuration ${revision} has not been prepared`);
    this.sites.next(entered.site);
    this.settings.want(entered.site.redundancy);
  }
}
