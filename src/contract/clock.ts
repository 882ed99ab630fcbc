/** Wall and monotonic time, given and never taken, so that the whole pair can run on virtual time. */
export interface Clock {
  /** Milliseconds since 1970 UTC; may jump. For time stamps only, never for a decision. */
  wallMs(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since the machine started, pauses of it included; absent where nobody knows. May be of whole seconds. */
  bootMs?(): number;
}

export interface Timer {
  cancel(): void;
}

export interface Timers {
  after(delayMs: number, run: () => void): Timer;
  every(periodMs: number, run: () => void): Timer;
  /** After the sockets that are readable now have been read (two turns of the event loop). */
  afterIo(run: () => void): void;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** `bytes` random bytes, as hexadecimal. */
  hex(bytes: number): string;
}

/** Runs it to its end and returns true, or cuts it off after so long, in its midst, and returns false. What it throws is thrown. */
export type RunBounded = (forMs: number, run: () => void) => boolean;
/** The same with a bound that is set. */
export type StepBounded = (run: () => void) => boolean;

/** For virtual time, where nothing may hang on how fast the machine is. */
export const unbounded: StepBounded = (run) => {
  run();
  return true;
};
