import type { ActivityHandle } from './node-api.js';

/** The rows as they are; the activity ends with them, also where nobody takes the rest. */
export async function* followed<T>(rows: AsyncIterable<T>, activity: ActivityHandle, report?: (done: number) => void): AsyncGenerator<T> {
  let done = 0;
  try {
    for await (const row of rows) {
      if (done++ % REPORTED_ROWS === 0) report?.(done);
      yield row;
    }
  } catch (error) {
    activity.fail(error);
    throw error;
  } finally {
    activity.end();
  }
}

/** Rows after which it is said how many have been written. */
const REPORTED_ROWS = 1_000;
