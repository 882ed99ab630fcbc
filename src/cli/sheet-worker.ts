import { parentPort, workerData } from 'node:worker_threads';
import { drivers } from '../../drivers/index.js';
import { readSheet, writeSheet } from '../config/index.js';
import { isTandemError, type ActivityProgress, type ErrorCode, type SheetDialect, type SheetReading, type SheetRequest, type SheetSection } from '../contract/index.js';
import type { WorkerReport } from '../platform/worker-call.js';

/** Writes and reads spreadsheets off the main thread: a hundred thousand rows take seconds, in which a node must not fall silent. */
export type SheetTask =
  | { readonly kind: 'write'; readonly text: string; readonly section: SheetSection; readonly dialect: SheetDialect }
  | { readonly kind: 'read'; readonly text: string; readonly request: SheetRequest };

/** What `T` gives. */
export type SheetAnswer<T extends SheetTask> = T['kind'] extends 'write' ? string : SheetReading;

export interface SheetRefusal {
  readonly refused: ErrorCode;
  readonly message: string;
}

const task = workerData as SheetTask;
try {
  const report = (progress: ActivityProgress): void => parentPort?.postMessage({ progress } satisfies WorkerReport);
  parentPort?.postMessage(task.kind === 'write' ? writeSheet(task.text, task.section, task.dialect, drivers, report) : readSheet(task.text, task.request, drivers, report));
} catch (error) {
  if (!isTandemError(error)) throw error;
  // An error's class and code do not come through between threads.
  parentPort?.postMessage({ refused: error.code, message: error.message } satisfies SheetRefusal);
}
