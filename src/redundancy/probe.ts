import type { CloseReason, Endpoint, Network } from '../contract/index.js';

/**
 * Asks every path of a peer whether anybody listens. True only when all of them refuse: a single refusal may be
 * a firewall, a time-out may be a cut cable; both leave it to the heartbeat budget.
 */
export async function refusedEverywhere(network: Network, paths: readonly Endpoint[], timeoutMs: number): Promise<boolean> {
  if (paths.length === 0) return false;
  const answers = await Promise.all(paths.map(async (path) => closedBy(network, path, timeoutMs)));
  return answers.every((reason) => reason === 'refused');
}

/** Connects and hangs up: why that failed, or undefined where somebody listens. */
export async function closedBy(network: Network, { host, port }: Endpoint, timeoutMs: number): Promise<CloseReason | undefined> {
  return new Promise((resolve) => {
    const connection = network.connectTcp(
      { host, port, connectTimeoutMs: timeoutMs },
      {
        onOpen: () => {
          resolve(undefined);
          connection.destroy();
        },
        onData: () => undefined,
        onClose: (reason) => resolve(reason),
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
