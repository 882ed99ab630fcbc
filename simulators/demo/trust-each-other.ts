import type { TrustAction, TrustStatus } from '../../src/contract/index.js';

/**
 * What two persons do on a real site, each at a node of theirs: compares the fingerprint that the other node has shown
 * with the one that the other node says is its own, approves it, and then the connection. The demo has both nodes on
 * one machine and a token for each, so it does so by itself. Returns what it has done.
 */
export async function approveEachOther(urls: readonly [string, string], token: string): Promise<string[]> {
  const [main, backup] = await Promise.all(urls.map(async (url) => trustOf(url, token)));
  if (main === undefined || backup === undefined) return [];
  const done: string[] = [];
  for (const [url, node, other] of [[urls[0], main, backup], [urls[1], backup, main]] as const) {
    const { own } = other;
    const known = node.certificates.find(({ fingerprint }) => fingerprint === own?.fingerprint);
    // Only what nobody has decided about yet: a person may have revoked it meanwhile.
    if (own === undefined || known?.state !== 'pending') continue;
    await decide(url, token, 'approve', own.fingerprint);
    done.push(`${url}: certificate of node ${own.name} approved (${own.fingerprint.slice(0, 23)}…)`);
  }
  const { own } = backup;
  const known = main.certificates.find(({ fingerprint }) => fingerprint === own?.fingerprint);
  const both = known?.state === 'approved' && backup.certificates.some(({ fingerprint, state }) => fingerprint === main.own?.fingerprint && state === 'approved');
  if (own !== undefined && both && known.connection === 'waiting') {
    await decide(urls[0], token, 'approve-connection', own.fingerprint);
    done.push(`${urls[0]}: connection with node ${own.name} approved`);
  }
  return done;
}

async function trustOf(url: string, token: string): Promise<TrustStatus | undefined> {
  try {
    const response = await fetch(`${url}/api/v1/redundancy/trust`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(1_000) });
    return response.ok ? ((await response.json()) as TrustStatus) : undefined;
  } catch {
    return undefined;
  }
}

async function decide(url: string, token: string, action: TrustAction, fingerprint: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/redundancy/trust`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ action, fingerprint }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`${url} refuses: ${await response.text()}`);
}
