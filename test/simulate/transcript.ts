import { createHash } from 'node:crypto';

/** What a story tells, line by line: when, who, what. The same seed tells the same, to the last byte. */
export class Transcript {
  private readonly lines: string[] = [];
  private taken = 0;

  constructor(private readonly nowMs: () => number) {}

  say(who: string, what: string): void {
    this.lines.push(`${(this.nowMs() / 1_000).toFixed(3).padStart(9)} ${who.padEnd(6)} ${what}`);
  }

  /** What was said since this was asked last. */
  takeNew(): string[] {
    const fresh = this.lines.slice(this.taken);
    this.taken = this.lines.length;
    return fresh;
  }

  get text(): string {
    return `${this.lines.join('\n')}\n`;
  }

  get digest(): string {
    return createHash('sha256').update(this.text).digest('hex').slice(0, 16);
  }
}
