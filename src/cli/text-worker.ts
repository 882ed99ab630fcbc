import { parentPort, workerData } from 'node:worker_threads';
import { compareDocuments, definitionIn, editDefinition } from '../config/index.js';
import { isTandemError, type ConfigurationDocument, type ErrorCode } from '../contract/index.js';

/** Edits and compares site documents off the main thread: the text of ten thousand points is parsed for a third of a second each time. */
export type TextTask =
  | { readonly kind: 'edit'; readonly text: string; readonly section: string; readonly name: string; readonly value: unknown }
  | { readonly kind: 'definition'; readonly text: string; readonly section: string; readonly name: string | undefined }
  | { readonly kind: 'compare'; readonly from: ConfigurationDocument; readonly to: ConfigurationDocument };

/** What the task gives, or the error that it ends with: class and code do not come through between threads. */
export type TextAnswer = { readonly result: unknown } | { readonly refused: ErrorCode; readonly message: string };

const task = workerData as TextTask;
try {
  parentPort?.postMessage({ result: resultOf(task) } satisfies TextAnswer);
} catch (error) {
  if (!isTandemError(error)) throw error;
  parentPort?.postMessage({ refused: error.code, message: error.message } satisfies TextAnswer);
}

function resultOf(asked: TextTask): unknown {
  switch (asked.kind) {
    case 'edit':
      return editDefinition(asked.text, asked.section, asked.name, asked.value);
    case 'definition':
      return definitionIn(asked.text, asked.section, asked.name);
    case 'compare':
      return compareDocuments(asked.from, asked.to);
  }
}
