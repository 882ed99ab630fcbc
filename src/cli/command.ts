import { parseArgs, type ParseArgsConfig } from 'node:util';
import { messageOf, TandemError, type Problem } from '../contract/index.js';
import { formatProblem } from '../config/index.js';

/** One command of `tandem`: a file each in this folder, listed in commands.ts. */
export interface Command {
  readonly name: string;
  /** What follows `tandem` on a line of the usage text, and what it does; one entry for each form. */
  readonly usage: readonly (readonly [form: string, does: string])[];
  /** Exit code: 0 done, 1 an operating error, 2 bad usage or bad configuration. Errors are thrown. */
  run(args: readonly string[]): Promise<number> | number;
}

export function usageOf(commands: readonly Command[]): string {
  const rows = commands.flatMap(({ usage }) => usage);
  return ['usage:', ...rows.map(([form, does]) => (form.length < 32 ? `  tandem ${form.padEnd(32)}${does}` : `  tandem ${form}\n${' '.repeat(41)}${does}`))].join('\n');
}

/** Node's own parser, its complaints as usage errors. */
export function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new TandemError('USAGE', `${messageOf(cause)}\n(tandem help lists the commands)`, { cause });
  }
}

/** Prints problems; true when one of them is an error. */
export function report(problems: readonly Problem[]): boolean {
  for (const problem of problems) console.error(formatProblem(problem));
  return problems.some(({ severity }) => severity === 'error');
}
