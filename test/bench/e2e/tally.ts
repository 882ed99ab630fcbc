/** What the client has seen since the last {@link Tally.reset}. */
export interface Seen {
  readonly updates: number;
  /** Updates by the tenth of a second (of wall time) in which the device answered. */
  readonly byTenth: Readonly<Record<number, number>>;
  /** Age of each update when it was seen: milliseconds since the device's answer. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Updates whose value was older than {@link STALE_MS}, and of good quality. */
  readonly staleGood: number;
  /** Points that are good now. */
  readonly good: number;
  /** Wall time at which the last point stopped being good, and at which all were good again; 0: not yet. */
  readonly noneGoodAtMs: number;
  readonly allGoodAtMs: number;
  /** Good updates seen after no point was good. */
  readonly goodAfterNone: number;
}

const STALE_MS = 2_500;
const MODULO = 65_536;

/** Counts updates and their ages; a register says in its value when it was read (see plc-process.ts). */
export class Tally {
  private readonly ages = new Uint32Array(MODULO);
  private readonly isGood: Uint8Array;
  private byTenth: Record<number, number> = {};
  private tenth = 0;
  private inTenth = 0;
  private updates = 0;
  private staleGood = 0;
  private good = 0;
  private noneGoodAtMs = 0;
  private allGoodAtMs = 0;
  private goodAfterNone = 0;

  constructor(private readonly points: number) {
    this.isGood = new Uint8Array(points);
  }

  add(point: number, value: number | null, good: boolean, nowMs: number): void {
    if (good && value !== null) {
      const age = (nowMs - value + point) & (MODULO - 1);
      // A clock of milliseconds may be read one later there than here.
      this.ages[age === MODULO - 1 ? 0 : age]!++;
      if (age > STALE_MS && age !== MODULO - 1) this.staleGood++;
      this.updates++;
      const tenth = Math.floor((nowMs - (age === MODULO - 1 ? 0 : age)) / 100);
      if (tenth !== this.tenth) this.turn(tenth);
      this.inTenth++;
      if (this.noneGoodAtMs > 0) this.goodAfterNone++;
    }
    if ((this.isGood[point] === 1) === good) return;
    this.isGood[point] = good ? 1 : 0;
    this.good += good ? 1 : -1;
    if (this.good === 0) this.noneGoodAtMs = nowMs;
    if (this.good === this.points) this.allGoodAtMs = nowMs;
  }

  reset(): void {
    this.ages.fill(0);
    this.byTenth = {};
    this.inTenth = 0;
    this.updates = this.staleGood = this.noneGoodAtMs = this.allGoodAtMs = this.goodAfterNone = 0;
  }

  seen(): Seen {
    this.turn(this.tenth);
    const { byTenth, updates, staleGood, good, noneGoodAtMs, allGoodAtMs, goodAfterNone } = this;
    return { byTenth, updates, staleGood, good, noneGoodAtMs, allGoodAtMs, goodAfterNone, latencyMs: { p50: this.rank(0.5), p99: this.rank(0.99), max: this.rank(1) } };
  }

  private turn(tenth: number): void {
    if (this.inTenth > 0) this.byTenth[this.tenth] = (this.byTenth[this.tenth] ?? 0) + this.inTenth;
    this.inTenth = 0;
    this.tenth = tenth;
  }

  private rank(share: number): number {
    const wanted = Math.ceil(share * this.updates);
    let sum = 0;
    for (let age = 0; age < MODULO; age++) {
      sum += this.ages[age]!;
      if (sum >= wanted) return age;
    }
    return NaN;
  }
}
