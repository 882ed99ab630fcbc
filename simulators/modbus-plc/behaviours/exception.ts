import type { Behaviour } from './behaviour.js';

/** Answers with an exception and does nothing. */
export function exception({ code }: { readonly code: number }): Behaviour {
  return { refusal: code };
}
