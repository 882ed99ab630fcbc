import { createContext, Script } from 'node:vm';
import type { RunBounded } from '../contract/index.js';

const script = new Script('run()');
/** Where the script finds what it is to call: a name of its own, that nothing else sees. */
const context = createContext({ run: (): void => undefined }) as { run: () => void };

/**
 * By the watchdog of `node:vm`, another thread that ends what runs in this one: a loop in WebAssembly as well, that never comes to any
 * JavaScript. What was cut off is half done: whoever gave it throws away all that it has touched. Costs a thread's beginning and end,
 * some tens of microseconds.
 */
export const runBounded: RunBounded = (forMs, run) => {
  context.run = run;
  try {
    script.runInContext(context, { timeout: forMs, displayErrors: false });
    return true;
  } catch (error) {
    if ((error as { readonly code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
};
