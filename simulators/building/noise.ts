/**
 * Sensor noise as a pure function of time: the same seed, channel and instant give the same value, so a
 * test can repeat a run and no generator has to be part of the state. Smooth between the steps of `periodMs`.
 */
export function noise(seed: number, channel: string, timeMs: number, periodMs = 1_000): number {
  const at = timeMs / periodMs;
  const step = Math.floor(at);
  const key = hashText(channel) ^ seed;
  const from = lattice(key, step);
  return from + (lattice(key, step + 1) - from) * (at - step);
}

/** Uniform in [-1, 1) for one lattice point. */
function lattice(key: number, step: number): number {
  let h = Math.imul(key ^ Math.imul(step | 0, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  h ^= h >>> 13;
  return (h >>> 0) / 0x8000_0000 - 1;
}

const hashes = new Map<string, number>();

function hashText(text: string): number {
  let hash = hashes.get(text);
  if (hash === undefined) {
    hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hashes.set(text, hash);
  }
  return hash;
}
