import { register } from 'node:module';
import type * as Stories from './story.js';
import { mutants, type Mutant } from './mutants.js';

let registered = false;

/**
 * The same program, simulator and all, without one of its guards: a second copy of its modules, of which the loader
 * changes one as it is read (without-hooks.ts). Nothing on the disk changes, and nothing of the program that runs.
 */
export async function storiesWithout({ guard }: Mutant): Promise<typeof Stories> {
  if (!registered) register('./without-hooks.js', { parentURL: import.meta.url, data: { root: new URL('../../', import.meta.url).href, mutants } });
  registered = true;
  return (await import(`./story.js?without=${encodeURIComponent(guard)}`)) as typeof Stories;
}

export function mutantOf(guard: string): Mutant {
  const found = mutants.find((mutant) => mutant.guard === guard);
  if (found === undefined) throw new RangeError(`there is no guard "${guard}" in test/simulate/mutants.ts: ${mutants.map((mutant) => mutant.guard).join(', ')}`);
  return found;
}
