/**
 * The addresses under which one device is reached: one is in use until it is lost, then the next has its turn. Nothing
 * leads back but the loss of the other, so that a bad path does not take the device with it again and again. Pure.
 */
export class Paths<Target> {
  private index = 0;
  /** Connections in a row that ended without an answer. */
  private failures = 0;
  /** Connections in a row that were lost since an answer came. */
  private losses = 0;
  private switches = 0;
  private lastConnected: number | undefined;
  private readonly connects: number[];

  constructor(private readonly targets: readonly [Target, ...Target[]]) {
    this.connects = targets.map(() => 0);
  }

  get current(): Target {
    return this.targets[this.index] ?? this.targets[0];
  }

  /** The path in use is not the one that was connected last. */
  get hasChanged(): boolean {
    return this.lastConnected !== undefined && this.lastConnected !== this.index;
  }

  answered(): void {
    this.failures = 0;
    this.losses = 0;
  }

  connected(): void {
    if (this.hasChanged) this.switches++;
    this.lastConnected = this.index;
    this.connects[this.index] = (this.connects[this.index] ?? 0) + 1;
  }

  /** The connection ended or was not made. Returns whether the device is away: no path has led to an answer. */
  lost(hadAnswered: boolean): boolean {
    if (!hadAnswered) this.failures++;
    this.index = (this.index + 1) % this.targets.length;
    return this.failures >= this.targets.length;
  }

  /** How often each path was tried in vain, for the pause before the next attempt. */
  nextAttempt(): number {
    return Math.floor(this.losses++ / this.targets.length);
  }

  figures(): Readonly<Record<string, number>> {
    if (this.targets.length === 1) return {};
    const connects = Object.fromEntries(this.connects.map((count, index) => [`path${index + 1}Connects`, count]));
    return { pathSwitches: this.switches, ...connects };
  }
}
