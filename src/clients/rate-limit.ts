interface Bucket {
  level: number;
  atMs: number;
}

/** Keys that are kept in mind; the oldest makes room. */
const MOST_KEYS = 10_000;

/** A leaky bucket for each key: `burst` at once, then `perSecond`. */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    private readonly nowMs: () => number,
  ) {}

  /** Takes one; false when there is none left. */
  take(key: string): boolean {
    const bucket = this.bucket(key);
    if (bucket.level + 1 > this.burst) return false;
    bucket.level += 1;
    return true;
  }

  /** Gives one back: what was limited turned out to be welcome. */
  giveBack(key: string): void {
    const bucket = this.bucket(key);
    bucket.level = Math.max(0, bucket.level - 1);
  }

  /** How long until the next one, milliseconds. */
  waitMs(key: string): number {
    return Math.max(0, ((this.bucket(key).level + 1 - this.burst) / this.perSecond) * 1_000);
  }

  private bucket(key: string): Bucket {
    const now = this.nowMs();
    const known = this.buckets.get(key);
    const bucket = { level: Math.max(0, (known?.level ?? 0) - ((now - (known?.atMs ?? now)) / 1_000) * this.perSecond), atMs: now };
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    for (const oldest of this.buckets.keys()) {
      if (this.buckets.size <= MOST_KEYS) break;
      this.buckets.delete(oldest);
    }
    return bucket;
  }
}
