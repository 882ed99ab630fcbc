import { parentPort, workerData } from 'node:worker_threads';
import { isTandemError, type ErrorCode, type TandemError } from '../contract/index.js';
import { directTexts, type TextDesk } from '../gateway/text-desk.js';

/** Works on site documents off the main thread: the text of ten thousand points is parsed for a third of a second each time. */
export type TextTask = { readonly [Kind in keyof TextDesk]: { readonly kind: Kind; readonly given: Parameters<TextDesk[Kind]> } }[keyof TextDesk];

/** What the task gives, or the error that it ends with: class and code do not come through between threads. */
export type TextAnswer = { readonly result: unknown } | { readonly refused: ErrorCode; readonly message: string; readonly details?: TandemError['details'] };

const { kind, given } = workerData as TextTask;
const desk = directTexts as { readonly [Kind in keyof TextDesk]: (...parts: TextTask['given']) => Promise<unknown> };
try {
  parentPort?.postMessage({ result: await desk[kind](...given) } satisfies TextAnswer);
} catch (error) {
  if (!isTandemError(error)) throw error;
  parentPort?.postMessage({ refused: error.code, message: error.message, details: error.details } satisfies TextAnswer);
}
