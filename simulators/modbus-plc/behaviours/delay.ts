import type { Behaviour } from './behaviour.js';

/** Answers late by a stated time; beyond the client's timeout that is an answer to nobody. */
export function delay({ delayMs }: { readonly delayMs: number }): Behaviour {
  return { delayMs };
}
