/** Of the time between two works, at most a quarter is spent on the first, what is drawn for it included. */
const restFactor = 3;
/** Nothing waits longer than this for its turn, however long a work takes. */
const longestRestMs = 500;
/** Works that are done within a frame need no rest. */
const shortMs = 8;
/** A hidden tab is given no animation frames: its title and its sound are seldom enough for this. */
const hiddenMs = 1_000;

/**
 * Runs `work` at most once in each animation frame, however often it is asked for, and leaves the page room for the person:
 * a work that takes long (a hundred thousand points) has a rest after it. In a hidden tab it runs once a second at most, and at once for
 * what is urgent: after a while browsers let the timers of a hidden tab run once a minute, which is too late for an alarm.
 */
export class FrameThrottle {
  readonly #work: () => void;
  #wanted = false;
  #pending = false;
  #urgent = false;
  #frame = 0;
  #timer = 0;

  constructor(work: () => void) {
    this.#work = work;
  }

  request(urgent = false): void {
    this.#wanted = true;
    if (urgent && document.hidden) this.#atOnce();
    else if (!this.#pending) this.#schedule();
  }

  /** Once for all that one message brings. */
  #atOnce(): void {
    if (this.#urgent) return;
    this.#urgent = true;
    queueMicrotask(() => {
      this.#urgent = false;
      this.#wanted = false;
      this.#work();
    });
  }

  /** By the next frame, or by the timer where the tab is hidden, or becomes so meanwhile. */
  #schedule(): void {
    this.#pending = true;
    const run = (): void => {
      cancelAnimationFrame(this.#frame);
      window.clearTimeout(this.#timer);
      this.#run();
    };
    this.#frame = requestAnimationFrame(run);
    this.#timer = window.setTimeout(run, hiddenMs);
  }

  #run(): void {
    this.#wanted = false;
    const fromMs = performance.now();
    this.#work();
    // After what has changed was drawn.
    window.setTimeout(() => {
      const tookMs = performance.now() - fromMs;
      if (tookMs < shortMs) this.#end();
      else window.setTimeout(() => this.#end(), Math.min(longestRestMs, tookMs * restFactor));
    });
  }

  #end(): void {
    this.#pending = false;
    if (this.#wanted) this.#schedule();
  }
}
