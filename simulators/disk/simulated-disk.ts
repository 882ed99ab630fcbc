import { MemoryLevel } from 'memory-level';
import type { Timers } from '../../src/contract/index.js';
import type { SeededRandom } from '../virtual-time/index.js';

export type Operation = { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer } | { readonly type: 'del'; readonly key: Buffer };

/** What abstract-level asks of an implementation; keys and values arrive encoded. */
interface Primitives {
  _put(key: Buffer, value: Buffer, options: { sync?: boolean }): Promise<void>;
  _del(key: Buffer, options: { sync?: boolean }): Promise<void>;
  _batch(operations: readonly Operation[], options: { sync?: boolean }): Promise<void>;
  _close(): Promise<void>;
}

interface Write {
  readonly operations: readonly Operation[];
  readonly sync: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** As a process gives it. */
interface Batched {
  readonly type: 'put' | 'del';
  readonly key: string;
  readonly value?: Buffer;
}

const NOTHING = Buffer.alloc(0);

type Rows = Map<string, Buffer>;

/**
 * A disk with one LevelDB on it that survives the death of its process and of its machine. Writes happen one
 * after the other; a synced one takes {@link syncMs} and is then safe for good, together with all before it. What
 * was under way at a death is lost or kept by chance, as a prefix: LevelDB never shows a later batch without an
 * earlier one, and never half a batch.
 */
export class SimulatedDisk {
  /** Virtual time of one fsync. */
  syncMs = 1;
  /** Completed syncs, over all lives. */
  syncs = 0;
  private platter: Rows = new Map();
  /** Written and not synced: in the memory of the machine, not of the process. */
  private cached: Write[] = [];
  private queue: Write[] = [];
  private busy = false;
  private failing = false;
  private full = false;
  private life = 0;
  private inUse = false;
  private idle: (() => void)[] = [];

  /** Told of each batch once it is safe for good. */
  onDurable: ((operations: readonly Operation[]) => void) | undefined;

  constructor(private readonly random: SeededRandom) {}

  /** What would be there if it were opened now, by key. */
  get rows(): ReadonlyMap<string, Buffer> {
    return this.platter;
  }

  /** Opens what the disk holds, for a process whose time is `timers`. */
  async open(timers: Timers): Promise<MemoryLevel<string, Buffer>> {
    if (this.inUse) throw new Error('lock: already held by process');
    this.inUse = true;
    this.failing = false;
    const life = ++this.life;
    const db = new MemoryLevel<string, Buffer>({ keyEncoding: 'utf8', valueEncoding: 'buffer' });
    await db.open();
    const primitives = db as unknown as Primitives;
    const show = primitives._batch.bind(primitives);
    await show([...this.platter].map(([key, value]) => ({ type: 'put', key: Buffer.from(key), value })), {});
    const write = async (operations: readonly Operation[], options: { sync?: boolean }): Promise<void> =>
      new Promise((resolve, reject) => {
        // The dead write nothing, and nobody waits for them.
        if (life !== this.life) return;
        this.queue.push({ operations, sync: options.sync === true, resolve, reject });
        this.work(life, timers, show);
      });
    // What encodes a batch in general costs more than all the rest of this disk.
    const batch = async (batched: readonly Batched[], options: { sync?: boolean } = {}): Promise<void> => {
      if (db.status !== 'open') throw new Error('Database is not open');
      if (batched.length === 0) return;
      return write(batched.map(({ type, key, value = NOTHING }) => (type === 'put' ? { type, key: Buffer.from(key), value } : { type, key: Buffer.from(key) })), options);
    };
    Object.assign(db, { batch });
    primitives._batch = write;
    primitives._put = async (key, value, options) => write([{ type: 'put', key, value }], options);
    primitives._del = async (key, options) => write([{ type: 'del', key }], options);
    primitives._close = async () => {
      if (life !== this.life) return;
      // As LevelDB does: what was asked before is done before.
      if (this.busy) await new Promise<void>((resolve) => this.idle.push(resolve));
      this.inUse = false;
    };
    return db;
  }

  /** The sync that is under way, or else the next one, fails; LevelDB then takes no write any more. */
  failSync(): void {
    this.failing = true;
  }

  /** It takes writes again; what was lost stays lost. */
  heal(): void {
    this.failing = false;
  }

  /** No space left: writes are refused, in this life and the next, until {@link free}. */
  fill(): void {
    this.full = true;
  }

  free(): void {
    this.full = false;
  }

  /** The process was killed (the machine keeps what it has cached) or the machine lost its power. */
  crash(what: 'process' | 'machine'): { lostWrites: number } {
    this.life++;
    const written = this.cached.length + this.queue.length;
    this.inUse = this.busy = false;
    const cached = what === 'process' ? this.cached.length : this.random.below(this.cached.length + 1);
    const kept = this.cached.slice(0, cached);
    // What was under way may have got through, but not past something that is lost.
    if (cached === this.cached.length && !this.failing) kept.push(...this.queue.slice(0, this.random.below(this.queue.length + 1)));
    this.cached = [];
    this.queue = [];
    this.idle = [];
    for (const { operations } of kept) this.store(operations);
    return { lostWrites: written - kept.length };
  }

  /** Changes a row behind everybody's back, as a bad sector does. */
  damage(change: (rows: Rows) => void): void {
    change(this.platter);
  }

  private work(life: number, timers: Timers, show: (operations: readonly Operation[], options: object) => Promise<void>): void {
    if (this.busy) return;
    if (this.queue.length === 0) {
      for (const closed of this.idle.splice(0)) closed();
      return;
    }
    this.busy = true;
    const [write] = this.queue;
    timers.after(write?.sync === true ? this.syncMs : 0, () => {
      if (life !== this.life) return;
      this.busy = false;
      this.queue.shift();
      if (write === undefined) return;
      if (this.full) {
        write.reject(new Error('IO error: No space left on device'));
      } else if (this.failing) {
        // Refused from here on, and what the fsync was for may be on the platter or not.
        write.reject(new Error('IO error: fsync: Input/output error'));
        if (this.random.next() < 0.5) this.cached.push(write);
      } else {
        this.cached.push(write);
        if (write.sync) this.flush();
        void show(write.operations, {}).then(write.resolve, write.reject);
      }
      this.work(life, timers, show);
    });
  }

  private flush(): void {
    this.syncs++;
    for (const { operations } of this.cached.splice(0)) this.store(operations);
  }

  private store(operations: readonly Operation[]): void {
    this.onDurable?.(operations);
    for (const operation of operations) {
      const key = operation.key.toString('utf8');
      if (operation.type === 'put') this.platter.set(key, Buffer.from(operation.value));
      else this.platter.delete(key);
    }
  }
}
