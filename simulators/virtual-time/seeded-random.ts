import type { Random } from '../../src/contract/index.js';

/** Chance from a seed: the same seed gives the same run. */
export interface SeededRandom extends Random {
  /** Whole number in [0, limit). */
  below(limit: number): number;
  /** A stream of its own, so that one more draw in one place does not change what happens in all others. */
  fork(label: string): SeededRandom;
}

/** sfc32: small, fast, and far better than what tests of this size can tell from chance. */
export function seededRandom(seed: number | string): SeededRandom {
  const text = String(seed);
  let a = hashOf(text, 0x9e3779b9);
  let b = hashOf(text, 0x243f6a88);
  let c = hashOf(text, 0xb7e15162);
  let counter = 1;
  const bits = (): number => {
    const sum = (a + b + counter++) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum;
  };
  for (let i = 0; i < 15; i++) bits();
  return {
    next: () => bits() / 0x1_0000_0000,
    below: (limit) => Math.floor((bits() / 0x1_0000_0000) * limit),
    hex: (bytes) => {
      let digits = '';
      for (let i = 0; i < bytes; i++) digits += (bits() >>> 24).toString(16).padStart(2, '0');
      return digits;
    },
    fork: (label) => seededRandom(`${text}/${label}`),
  };
}

/** FNV-1a with a chosen start. */
function hashOf(text: string, start: number): number {
  let hash = start >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
