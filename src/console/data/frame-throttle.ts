/** Of the time between two works, at most a quarter is spent on the first, what is drawn for it included. */
const restFactor = 3;
/** Nothing waits longer than this for its turn, however long a work takes. */
const longestRestMs = 500;
/** Works that are done within a frame need no rest. */
const shortMs = 8;

/**
 * Runs `work` at most once in each animation frame, however often it is asked for, and leaves the page room for the person:
 * a work that takes long (a hundred thousand points) has a rest after it. A hidden tab costs nothing.
 */
export class FrameThrottle {
  readonly #work: () => void;
  #wanted = false;
  #pending = false;

  constructor(work: () => void) {
    this.#work = work;
  }

  request(): void {
    this.#wanted = true;
    if (!this.#pending) this.#schedule();
  }

  #schedule(): void {
    this.#pending = true;
    requestAnimationFrame(() => {
      this.#wanted = false;
      const fromMs = performance.now();
      this.#work();
      // After what has changed was drawn.
      window.setTimeout(() => {
        const tookMs = performance.now() - fromMs;
        if (tookMs < shortMs) this.#end();
        else window.setTimeout(() => this.#end(), Math.min(longestRestMs, tookMs * restFactor));
      });
    });
  }

  #end(): void {
    this.#pending = false;
    if (this.#wanted) this.#schedule();
  }
}
