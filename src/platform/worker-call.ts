import { Worker } from 'node:worker_threads';

/** Runs the module at `url` in a thread of its own with `request` as its `workerData`; its first message is the answer. */
export async function callInWorker<T>(url: URL, request: unknown): Promise<T> {
  const worker = new Worker(url, { workerData: request });
  try {
    return await new Promise<T>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the worker ended with code ${code} and no answer`)));
    });
  } finally {
    await worker.terminate();
  }
}
