import type { OutboundRequest } from '../contract/index.js';

/** Asks a server and resolves with the status of its answer; what it says is not read. Rejects where none comes in time. */
export async function askServer({ url, method, timeoutMs }: OutboundRequest): Promise<number> {
  const response = await fetch(url, { method, signal: AbortSignal.timeout(timeoutMs) });
  await response.body?.cancel();
  return response.status;
}
