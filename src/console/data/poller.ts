/** Calls `work` at once and then `periodMs` after it has finished, until stopped; never two at a time. */
export class Poller {
  readonly #work: () => Promise<void>;
  readonly #periodMs: number;
  #timer: number | undefined;
  /** Marks the present run: a turn that outlived its run does not go on beside the next one. */
  #run: object | undefined;

  constructor(periodMs: number, work: () => Promise<void>) {
    this.#periodMs = periodMs;
    this.#work = work;
  }

  start(): void {
    if (this.#run !== undefined) return;
    this.#run = {};
    void this.#turn(this.#run);
  }

  stop(): void {
    this.#run = undefined;
    window.clearTimeout(this.#timer);
  }

  async #turn(run: object): Promise<void> {
    try {
      await this.#work();
    } finally {
      if (this.#run === run) this.#timer = window.setTimeout(() => void this.#turn(run), this.#periodMs);
    }
  }
}
