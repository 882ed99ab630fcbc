import type { CloseReason, Endpoint, Network, Timer, Timers } from '../contract/index.js';

/** A connection to somebody who lives stays so long; sockets of a process that has been killed are gone within a few milliseconds. */
const STAYS_MS = 20;
const MOST_TRIES = 10;

/**
 * Asks every path of a peer whether anybody listens. True only when all of them refuse: a single refusal may be
 * a firewall, a time-out may be a cut cable; both leave it to the heartbeat budget.
 */
export async function refusedEverywhere(network: Network, timers: Timers, paths: readonly Endpoint[], timeoutMs: number): Promise<boolean> {
  if (paths.length === 0) return false;
  const answers = await Promise.all(paths.map(async (path) => closedBy(network, timers, path, timeoutMs)));
  return answers.every((reason) => reason === 'refused');
}

/**
 * Connects and hangs up: why that failed, or undefined where somebody listens. The kernel of a process that is just dying may
 * still accept, and resets at once: that is no answer, and is asked again.
 */
export async function closedBy(network: Network, timers: Timers, path: Endpoint, timeoutMs: number): Promise<CloseReason | undefined> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const answer = await answerOf(network, timers, path, timeoutMs);
    if (answer !== 'gone at once') return answer === 'stays' ? undefined : answer;
  }
  return undefined;
}

async function answerOf(network: Network, timers: Timers, { host, port }: Endpoint, timeoutMs: number): Promise<CloseReason | 'stays' | 'gone at once'> {
  return new Promise((resolve) => {
    let staying: Timer | undefined;
    const connection = network.connectTcp(
      { host, port, connectTimeoutMs: timeoutMs },
      {
        onOpen: () => {
          staying = timers.after(STAYS_MS, () => {
            resolve('stays');
            connection.destroy();
          });
        },
        onData: () => undefined,
        onClose: (reason) => {
          staying?.cancel();
          // Reset before it was seen to be open, it had been taken all the same: who does not listen refuses.
          resolve(staying === undefined && reason !== 'reset' ? reason : 'gone at once');
        },
      },
    );
  });
}

/** Where the HTTP server of a console address listens. */
export function endpointOf(url: string | undefined): Endpoint | undefined {
  if (url === undefined || url === '') return undefined;
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}
