import { z } from 'zod';
import type { RowSettings } from '../contract/index.js';
import type { Json } from '../image/index.js';

const settings = { active: z.boolean(), dbSync: z.boolean(), comment: z.string() };
const stored = z.object({
  local: z.object(settings),
  partner: z.object(settings),
  peerAway: z.boolean(),
  missingAfter: z.number().optional(),
  missingSinceMs: z.number().optional(),
});
type Kept = z.infer<typeof stored>;
export type Row = Kept['local'];

const FRESH: Row = { active: true, dbSync: true, comment: '' };

export interface RowsOptions {
  readonly node: string;
  readonly partner: string;
  /** As {@link Rows} wrote it before this node stopped. */
  readonly stored: unknown;
  /** Durable when it resolves. */
  readonly write: (rows: Json) => Promise<void>;
  readonly run: (work: Promise<unknown>) => void;
}

/** The live settings of the partner table (R14, R15), and what the other node has said about its own. Kept on disk. */
export class Rows {
  private kept: Kept;

  constructor(private readonly options: RowsOptions) {
    const read = stored.safeParse(options.stored);
    this.kept = read.success ? read.data : { local: FRESH, partner: FRESH, peerAway: false };
  }

  get local(): Row {
    return this.kept.local;
  }

  get partner(): Row {
    return this.kept.partner;
  }

  /** Why this node takes no part in the pair; undefined where it does. */
  get away(): string | undefined {
    const { node, partner } = this.options;
    if (!this.kept.local.active) return `node ${node} has been taken out of the pair (active off)`;
    return this.kept.partner.active ? undefined : `node ${node} takes no part with ${partner} (its row is not active)`;
  }

  /** The other node has said that it takes no part, and not been back since. */
  get peerAway(): boolean {
    return this.kept.peerAway;
  }

  /** Whether this node wants journal entries and history copied, either way. */
  get dbSync(): boolean {
    return this.kept.local.dbSync && this.kept.partner.dbSync;
  }

  /** First frame after which this node holds live state only; undefined where it holds everything. */
  get missingAfter(): number | undefined {
    return this.kept.missingAfter;
  }

  /** What a person should look at. */
  alarms(): string[] {
    const { away, dbSync, peerAway } = this;
    return [...(away === undefined ? [] : [away]), ...(peerAway ? ['the other node takes no part in the pair'] : []), ...(dbSync ? [] : ['DB sync is off: journal entries and history are not copied'])];
  }

  /** Resolves when it is on disk. */
  async change(row: 'local' | 'partner', { active, dbSync, comment }: RowSettings): Promise<void> {
    const old = this.kept[row];
    await this.keep({ ...this.kept, [row]: { active: active ?? old.active, dbSync: dbSync ?? old.dbSync, comment: comment ?? old.comment } });
  }

  notePeerAway(peerAway: boolean): void {
    if (peerAway !== this.kept.peerAway) this.options.run(this.keep({ ...this.kept, peerAway }));
  }

  /** Pair time of that frame; undefined also where an older version has noted it. */
  get missingSinceMs(): number | undefined {
    return this.kept.missingSinceMs;
  }

  noteMissing(missing: { readonly after: number; readonly sinceMs: number } | undefined): void {
    const { local, partner, peerAway } = this.kept;
    this.options.run(this.keep({ local, partner, peerAway, ...(missing === undefined ? {} : { missingAfter: missing.after, missingSinceMs: missing.sinceMs }) }));
  }

  private async keep(kept: Kept): Promise<void> {
    this.kept = kept;
    await this.options.write(kept as unknown as Json);
  }
}
