import { messageOf, type Log } from '../contract/index.js';
import type { Json } from '../image/index.js';
import { DURABLY, type Database, type Operation } from './database.js';
import { below, eventKey } from './keys.js';

/** Entries that are kept, and for how long; whatever is less. */
const KEPT = 10_000;
const KEPT_MS = 3 * 365 * 86_400_000;
/** How often, in entries, the old ones are looked for. */
const SWEEP = 100;

export interface NumberedEvent {
  /** Rises by one with each entry of this node, over all its lives. */
  readonly number: number;
  readonly event: Json;
}

/** What this node decided and on what evidence (R34): a log of its own, on its own disk, never replicated. */
export class EventLog {
  private last: number | undefined;
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Database,
    private readonly log: Log,
  ) {}

  /** In order; on disk soon. A log that cannot be written keeps nobody from deciding. */
  append(event: Json, timeMs: number): void {
    this.working = this.working.then(async () => this.write(event, timeMs)).catch((error: unknown) => this.log.warn(`an event could not be kept: ${messageOf(error)}`));
  }

  /** Newest first, older than `before`. */
  async list(limit: number, before = Infinity): Promise<NumberedEvent[]> {
    await this.settle();
    const { gte, lt } = below('e!');
    const range = { gte, lt: Number.isFinite(before) ? eventKey(before) : lt, reverse: true, limit };
    const entries: NumberedEvent[] = [];
    for await (const [key, bytes] of this.db.iterator(range)) entries.push({ number: numberOf(key), event: JSON.parse(bytes.toString('utf8')) as Json });
    return entries;
  }

  async settle(): Promise<void> {
    await this.working;
  }

  private async write(event: Json, timeMs: number): Promise<void> {
    this.last ??= numberOf((await this.db.keys({ ...below('e!'), reverse: true, limit: 1 }).all())[0] ?? eventKey(0));
    const number = (this.last += 1);
    const operations: Operation[] = [{ type: 'put', key: eventKey(number), value: Buffer.from(JSON.stringify(event)) }];
    if (number % SWEEP === 0) operations.push(...(await this.outdated(number, timeMs)));
    await this.db.batch(operations, DURABLY);
  }

  private async outdated(newest: number, nowMs: number): Promise<Operation[]> {
    const operations: Operation[] = [];
    for await (const [key, bytes] of this.db.iterator({ ...below('e!'), limit: SWEEP * 2 })) {
      const { timeMs = nowMs } = JSON.parse(bytes.toString('utf8')) as { timeMs?: number };
      if (numberOf(key) <= newest - KEPT || timeMs < nowMs - KEPT_MS) operations.push({ type: 'del', key });
    }
    return operations;
  }
}

function numberOf(key: string): number {
  return Number.parseInt(key.slice(2), 16);
}
