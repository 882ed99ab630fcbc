import type { Timer, Timers } from '../../src/contract/clock.js';
import type { VirtualPlc } from '../modbus-plc/index.js';

/** Registers that change, by unit: the address space of a unit has room for more, a poll cycle has not. */
export const pointsPerUnit = 10_000;
/** Where the writable registers begin, on unit 1. */
export const writableStart = 20_000;
export const writableCount = 100;

export const changeMs = 100;

/** The units that `points` points need. */
export function unitsFor(points: number): number {
  return Math.max(1, Math.ceil(points / pointsPerUnit));
}

/**
 * Registers that all change ten times a second, so that a gateway has as much news as it has points.
 * Point `i` holds `(counter + i) mod 65536`: whoever reads one knows how old it is.
 */
export class LoadPlc {
  counter = 0;
  private timer: Timer | undefined;

  constructor(private readonly plc: VirtualPlc, private readonly points: number) {
    this.fill();
  }

  start(timers: Timers): void {
    this.timer = timers.every(changeMs, () => this.change());
  }

  stop(): void {
    this.timer?.cancel();
  }

  change(): void {
    this.counter++;
    this.fill();
  }

  private fill(): void {
    for (let unit = 0; unit < unitsFor(this.points); unit++) {
      const first = unit * pointsPerUnit;
      const count = Math.min(pointsPerUnit, this.points - first);
      this.plc.unit(unit + 1).set('hr', 0, Array.from({ length: count }, (_, index) => (this.counter + first + index) & 0xffff));
    }
  }
}
