import type { Random, Timers } from '../contract/index.js';
import type { LinkMessage } from './link-messages.js';

/** Switch pressed on the standby: the active is asked over the link, and its answer found again by id. */
export class SwitchRequests {
  private readonly waiting = new Map<string, (refusal: string | undefined) => void>();

  constructor(private readonly options: { readonly timers: Timers; readonly random: Random; readonly send: (message: LinkMessage) => void }) {}

  /** Resolves with why the active refuses, or with undefined when it has begun to hand over. */
  async ask(by: string, reason: string, waitMs: number): Promise<string | undefined> {
    const { timers, random, send } = this.options;
    const id = random.hex(8);
    const refusal = await new Promise<string | undefined>((resolve) => {
      this.waiting.set(id, resolve);
      timers.after(waitMs, () => resolve('the active node did not answer'));
      send({ type: 'switch-request', id, by, reason });
    });
    this.waiting.delete(id);
    return refusal;
  }

  answered(id: string, refusal: string | undefined): void {
    this.waiting.get(id)?.(refusal);
  }
}
