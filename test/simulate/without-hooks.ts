import type { InitializeHook, LoadHook, ResolveHook } from 'node:module';
import type { Mutant } from './mutants.js';

const MARK = '?without=';

/** URL of `dist/`, and what may be left out. */
let root = '';
let mutants: readonly Mutant[] = [];

export const initialize: InitializeHook<{ root: string; mutants: readonly Mutant[] }> = (data) => {
  ({ root, mutants } = data);
};

/** What a module without a guard imports of this program is without it, too. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const resolved = await next(specifier, context);
  const mark = context.parentURL?.indexOf(MARK) ?? -1;
  if (mark < 0 || !resolved.url.startsWith(root) || resolved.url.includes(MARK)) return resolved;
  return { ...resolved, url: `${resolved.url}${context.parentURL?.slice(mark) ?? ''}` };
};

export const load: LoadHook = async (url, context, next) => {
  const loaded = await next(url, context);
  const mark = url.indexOf(MARK);
  if (mark < 0 || loaded.source === undefined) return loaded;
  const guard = decodeURIComponent(url.slice(mark + MARK.length));
  const edits = mutants.find((mutant) => mutant.guard === guard)?.edits.filter(({ file }) => `${root}${file}` === url.slice(0, mark)) ?? [];
  if (edits.length === 0) return loaded;
  let text = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString('utf8');
  for (const { file, find, replace } of edits) {
    if (text.split(find).length !== 2) throw new Error(`${file} does not have \`${find}\` exactly once any more: write "${guard}" in test/simulate/mutants.ts anew`);
    text = text.replace(find, () => replace);
  }
  return { ...loaded, source: text };
};
