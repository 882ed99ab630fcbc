/**
 * Runs `work` at most once in each animation frame, however often it is asked for. Ten messages a second
 * with thousands of rows then cost one rendering each, and a hidden tab costs none.
 */
export class FrameThrottle {
  readonly #work: () => void;
  #handle: number | undefined;

  constructor(work: () => void) {
    this.#work = work;
  }

  request(): void {
    this.#handle ??= requestAnimationFrame(() => {
      this.#handle = undefined;
      this.#work();
    });
  }

  cancel(): void {
    if (this.#handle !== undefined) cancelAnimationFrame(this.#handle);
    this.#handle = undefined;
  }
}
