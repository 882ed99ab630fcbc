export type ChillerPhase = 'off' | 'starting' | 'running' | 'fault';

export interface ChillerState {
  readonly phase: ChillerPhase;
  /** How long it has been starting, or running without water. */
  readonly sinceS: number;
}

export interface ChillerInputs {
  readonly command: boolean;
  /** Chilled water flows. */
  readonly water: boolean;
  /** Its own protection trips. */
  readonly trips: boolean;
}

const startS = 8;
const dryRunS = 10;

/** A start takes its time; running without water for long trips; only the command `stop` clears a fault. */
export function stepChiller(chiller: ChillerState, inputs: ChillerInputs, dtS: number): ChillerState {
  if (inputs.trips) return { phase: 'fault', sinceS: 0 };
  if (!inputs.command) return { phase: 'off', sinceS: 0 };
  const sinceS = chiller.sinceS + dtS;
  switch (chiller.phase) {
    case 'fault':
      return { phase: 'fault', sinceS: 0 };
    case 'off':
      return { phase: inputs.water ? 'starting' : 'off', sinceS: 0 };
    case 'starting':
      if (!inputs.water) return { phase: 'off', sinceS: 0 };
      return sinceS >= startS ? { phase: 'running', sinceS: 0 } : { phase: 'starting', sinceS };
    case 'running':
      if (inputs.water) return { phase: 'running', sinceS: 0 };
      return sinceS >= dryRunS ? { phase: 'fault', sinceS: 0 } : { phase: 'running', sinceS };
  }
}
