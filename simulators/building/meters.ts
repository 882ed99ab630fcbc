/** Electricity, integrated. Counters only grow. */
export interface MetersState {
  readonly mainKw: number;
  readonly mainKwh: number;
  readonly hvacKw: number;
  readonly hvacKwh: number;
}

export const initialMeters: MetersState = { mainKw: 150, mainKwh: 284_300, hvacKw: 20, hvacKwh: 46_010 };

export interface Consumption {
  readonly hvacKw: number;
  readonly occupancy: number;
  /** What switches on and off in the tower, -1 … 1. */
  readonly flicker: number;
}

export function stepMeters(meters: MetersState, use: Consumption, dtS: number): MetersState {
  const hours = dtS / 3600;
  const mainKw = use.hvacKw + 70 + 160 * use.occupancy + 3 * use.flicker;
  return { mainKw, mainKwh: meters.mainKwh + mainKw * hours, hvacKw: use.hvacKw, hvacKwh: meters.hvacKwh + use.hvacKw * hours };
}
