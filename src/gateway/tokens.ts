import { createHash, timingSafeEqual } from 'node:crypto';
import type { KeyedState } from '../image/index.js';

/** Digests of the tokens that may write, one for each node, replicated so that either node knows both. */
export const TOKENS = 'auth/token/';

export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Whether `token` is one that either node has given out. Takes the same time whatever it is. */
export function isKnownToken(token: string, own: string, keyed: KeyedState): boolean {
  const digest = Buffer.from(tokenDigest(token));
  let known = timingSafeEqual(digest, Buffer.from(tokenDigest(own)));
  for (const [, value] of keyed.entries(TOKENS)) {
    const other = Buffer.from(typeof value === 'string' ? value : '');
    if (other.length === digest.length && timingSafeEqual(digest, other)) known = true;
  }
  return known;
}
