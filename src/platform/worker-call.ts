import { Worker } from 'node:worker_threads';
import type { ActivityProgress } from '../contract/index.js';

/** What a worker says before its answer, as often as it likes. */
export interface WorkerReport {
  readonly progress: ActivityProgress;
}

/** Runs the module at `url` in a thread of its own with `request` as its `workerData`; its first message that is no report is the answer. */
export async function callInWorker<T>(url: URL, request: unknown, report?: (progress: ActivityProgress) => void): Promise<T> {
  const worker = new Worker(url, { workerData: request });
  try {
    return await new Promise<T>((resolve, reject) => {
      worker.on('message', (message: T | WorkerReport) => {
        if (isReport(message)) report?.(message.progress);
        else resolve(message);
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the worker ended with code ${code} and no answer`)));
    });
  } finally {
    await worker.terminate();
  }
}

function isReport(message: unknown): message is WorkerReport {
  return typeof message === 'object' && message !== null && 'progress' in message;
}
