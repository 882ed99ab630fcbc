import { isTandemError, messageOf, TandemError } from '../contract/index.js';

/** For simulators that end the process themselves, on a signal or with their parent. */
export async function untilEnded(start: (args: readonly string[]) => Promise<void>, args: readonly string[]): Promise<number> {
  try {
    await start(args);
  } catch (cause) {
    throw isTandemError(cause) ? cause : new TandemError('USAGE', messageOf(cause), { cause });
  }
  return new Promise<number>(() => undefined);
}
