import type { Clock } from '../../src/contract/clock.js';
import type { Background, PlcArea } from './unit.js';

export const profiles = ['ramp', 'random', 'fixed'] as const;
export type Profile = (typeof profiles)[number];

const areaSeeds: Readonly<Record<PlcArea, number>> = { co: 1, di: 2, hr: 3, ir: 4 };

/**
 * What the addresses of a unit show that nobody has written. `ramp`: seconds since the start, plus address, plus a
 * thousand for each unit; `random`: another number each second, the same for whoever asks within it; `fixed`: the
 * address plus a thousand for each unit.
 */
export function backgroundOf(profile: Profile, clock: Clock): (unit: number) => Background {
  const startMs = clock.monotonicMs();
  const seconds = (): number => Math.floor((clock.monotonicMs() - startMs) / 1_000);
  switch (profile) {
    case 'ramp':
      return (unit) => (_area, address) => (seconds() + address + 1_000 * unit) & 0xffff;
    case 'random':
      return (unit) => (area, address) => scrambled(scrambled(seconds() * 256 + unit) + areaSeeds[area] * 65_536 + address) >>> 16;
    case 'fixed':
      return (unit) => (_area, address) => (address + 1_000 * unit) & 0xffff;
  }
}

/** A 32-bit mixture in which each bit of the input changes half of the output (the finalizer of MurmurHash3). */
function scrambled(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
