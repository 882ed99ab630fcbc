/** What tests on real sockets share. */
import assert from 'node:assert/strict';
import { realNetwork } from '../../../src/platform/network.js';

/** A port that nobody has now: the libraries cannot take any free one themselves. */
export async function freePort(host: string): Promise<number> {
  const socket = await realNetwork.openUdp({ host, port: 0, broadcast: false, reuseAddress: false }, () => undefined);
  await socket.close();
  return socket.local.port;
}

export async function until(done: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!done()) {
    assert.ok(performance.now() < endMs, `never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
