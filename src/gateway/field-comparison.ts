import type { Clock, DriverModule, FieldComparison, SampleBatch, SiteConfig } from '../contract/index.js';
import { Comparison, type Field } from '../field/index.js';
import { readHold } from '../functions/index.js';
import type { Frame, PairState } from '../image/index.js';
import type { Pair } from '../redundancy/index.js';

export interface ComparedFieldParts {
  readonly node: string;
  readonly site: () => SiteConfig;
  readonly modules: readonly DriverModule[];
  readonly state: PairState;
  readonly field: () => Field;
  readonly pair: () => Pick<Pair, 'isInSync'>;
  readonly clock: Clock;
  readonly pairTime: () => number;
}

/** R10, `hot`: the field beside the synchronized image, while this node is a standby in sync; otherwise nothing. */
export class ComparedField {
  private readonly comparison: Comparison;
  private comparing = false;

  constructor(private readonly parts: ComparedFieldParts) {
    const { node, state, modules } = parts;
    this.comparison = new Comparison({
      node,
      image: () => state.image,
      isHeld: (point) => readHold(state.keyed, point) !== undefined,
      unnoticedMs: ({ driver, settings }, point) => modules.find(({ kind }) => kind === driver)?.unnoticedMs?.(settings, point) ?? 0,
    });
    this.configure();
  }

  /** Another configuration is in force. */
  configure(): void {
    const { devices, polling, redundancy } = this.parts.site();
    this.comparison.install(devices, polling, redundancy.compareHoldMs);
  }

  take(batch: SampleBatch): void {
    if (this.compares()) this.comparison.sampled(batch, this.now());
  }

  framed({ values }: Frame): void {
    if (this.comparing && this.compares()) this.comparison.framed(values.points, this.now());
  }

  /** Undefined while there is nothing to compare with, and where no device is compared. */
  report(): FieldComparison | undefined {
    if (!this.compares()) return undefined;
    this.comparison.reached(this.parts.field().reach(), this.now());
    const report = this.comparison.report(this.now());
    return report.devices.length === 0 ? undefined : report;
  }

  private compares(): boolean {
    const compares = this.parts.pair().isInSync;
    if (this.comparing && !compares) this.comparison.reset();
    this.comparing = compares;
    return compares;
  }

  private now(): { readonly ms: number; readonly pairMs: number } {
    return { ms: this.parts.clock.monotonicMs(), pairMs: this.parts.pairTime() };
  }
}
