/** Counters for people, by name; made by the first that counts. */
export class Counters {
  private readonly counts: Record<string, number> = {};

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }

  all(): Readonly<Record<string, number>> {
    return { ...this.counts };
  }
}
