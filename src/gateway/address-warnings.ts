import type { NodeConfig, SiteConfig } from '../contract/index.js';
import type { Inventory } from '../redundancy/index.js';

/** Keys under which drivers keep where a device is; what belongs to this machine lies under `plug`. */
const HOST_KEY = /^host\d*$/;
const OWN_KEY = 'plug';
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1|\[::1\])$/i;

/**
 * Addresses that mean another machine on each node, and devices that are a node of the pair itself: both work until
 * control moves. Says nothing that the other node would not say in the same words, except of the node's own document.
 */
export function addressWarnings(site: SiteConfig, node: NodeConfig): Inventory['warnings'] {
  const found: Inventory['warnings'] = [];
  const members = new Map([
    ...[node.partner?.address, node.partner?.secondPath?.host].map((host) => [host, node.partner?.symbol ?? ''] as const),
    ...[node.link.host, node.heartbeat?.host, node.console.host, hostOf(node.url)].map((host) => [host, node.id] as const),
  ]);
  for (const { name, settings } of site.devices) {
    for (const host of hostsIn(settings)) {
      const member = members.get(host);
      if (LOOPBACK.test(host)) found.push({ part: 'address', text: `device ${name} is at ${host}: that is another machine on each node` });
      else if (member !== undefined) found.push({ part: 'data-source', text: `device ${name} is at ${host}, which is node ${member}: a member of the pair must not be its data source` });
    }
  }
  const own = (what: string, host: string | undefined): void => {
    if (host !== undefined && LOOPBACK.test(host)) found.push({ part: 'address', text: `node ${node.id}: ${what} is ${host}, which nobody reaches from another machine` });
  };
  own('the address of its partner', node.partner?.address);
  own("the partner's second path", node.partner?.secondPath?.host);
  own('its own url', hostOf(node.url));
  own('the address of the witness', site.redundancy.witness?.host);
  return found;
}

/** Whatever a driver calls a host, wherever it keeps it. */
function hostsIn(settings: unknown): Set<string> {
  const hosts = new Set<string>();
  const look = (value: unknown, isHost: boolean, depth: number): void => {
    if (typeof value === 'string') {
      if (isHost) hosts.add(value);
    } else if (typeof value === 'object' && value !== null && depth < 6) {
      for (const [key, inner] of Object.entries(value)) if (key !== OWN_KEY) look(inner, HOST_KEY.test(key), depth + 1);
    }
  };
  look(settings, false, 0);
  return hosts;
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
