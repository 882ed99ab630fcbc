#!/usr/bin/env node
import { existsSync, statSync } from 'node:fs';

/** The command line in a few files, which `npm run build` makes of the modules, and the modules themselves. */
const bundle = new URL('../bundle/node/command-line.js', import.meta.url);
const modules = new URL('./command-line.js', import.meta.url);
/** Written by the compiler last, in a checkout: a bundle that is older is of other sources. */
const compiled = new URL('../.tsbuildinfo', import.meta.url);

function isCurrent(): boolean {
  return existsSync(bundle) && (!existsSync(compiled) || statSync(bundle).mtimeMs >= statSync(compiled).mtimeMs);
}

await import((isCurrent() ? bundle : modules).href);
