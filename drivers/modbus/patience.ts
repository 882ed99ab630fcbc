import type { Timer, Timers } from '../../src/contract/clock.js';
import { exceptionOf, type LinkAnswer, type LinkRequest, type ModbusLink } from './link.js';
import { exceptionCode } from './pdu.js';

export const BUSY_DELAYS_MS: readonly number[] = [100, 200, 400];

/** Waits that end early when the driver stops, so that nothing is left pending. */
export class Pauses {
  private readonly waiting = new Map<Timer, () => void>();
  private ended = false;

  constructor(private readonly timers: Timers) {}

  begin(): void {
    this.ended = false;
  }

  wait(delayMs: number): Promise<void> {
    if (this.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.timers.after(delayMs, () => {
        this.waiting.delete(timer);
        resolve();
      });
      this.waiting.set(timer, resolve);
    });
  }

  endAll(): void {
    this.ended = true;
    for (const [timer, resolve] of this.waiting) {
      timer.cancel();
      resolve();
    }
    this.waiting.clear();
  }
}

/** Exceptions after which the same request may be sent again. */
export const busyCodes: readonly number[] = [exceptionCode.acknowledge, exceptionCode.busy];

export function isBusy(error: unknown, codes = busyCodes): boolean {
  const code = exceptionOf(error);
  return code !== undefined && codes.includes(code);
}

/** Sends a request, and again after a while when the device says that it is busy (clause 7, codes 5 and 6). */
export async function requestPatiently(link: ModbusLink, pauses: Pauses, request: LinkRequest, codes = busyCodes, delaysMs = BUSY_DELAYS_MS): Promise<LinkAnswer> {
  for (const delayMs of delaysMs) {
    try {
      return await link.request(request);
    } catch (error) {
      if (!isBusy(error, codes)) throw error;
    }
    await pauses.wait(delayMs);
  }
  return link.request(request);
}
