import type { Endpoint, PartnerConfig, RedundancyStatus } from '../../contract/index.js';
import type { PairParts } from '../pair-parts.js';
import { partnerEndpoint } from '../pair-parts.js';
import { endpointOf, closedBy } from '../probe.js';
import type { Inspector, Looked, NodeFacts } from './facts.js';

export interface OwnFactsParts {
  readonly parts: Pick<PairParts, 'options' | 'role' | 'sync' | 'dbSync' | 'witness' | 'secondPath'>;
  readonly inspector: Inspector;
  /** Console address of the other node, as it told. */
  readonly peerUrl: string | undefined;
}

/** What this node knows of itself, looked up now. */
export async function ownFacts({ parts, inspector, peerUrl }: OwnFactsParts): Promise<NodeFacts> {
  const { node, settings, site } = parts.options;
  const [inventory, network] = await Promise.all([inspector.inventory(), pathsOf(parts, peerUrl)]);
  const gap = gapOf(parts);
  return {
    ...inventory,
    node: node.id,
    role: parts.role().role,
    site,
    url: node.url,
    link: node.link,
    consoleAt: node.console,
    ...(node.heartbeat === undefined ? {} : { heartbeat: node.heartbeat }),
    ...(node.partner === undefined ? {} : { partner: partnerOf(node.partner) }),
    settings: Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, JSON.stringify(value)])),
    network,
    ...(gap === undefined ? {} : { historyGap: gap }),
  };
}

/** Whom it trusts is nobody else's business. */
function partnerOf({ symbol, address, port, secondPath }: PartnerConfig): NonNullable<NodeFacts['partner']> {
  return { symbol, address, port, ...(secondPath === undefined ? {} : { secondPath }) };
}

/** The other machines that this node needs: the partner on each of its paths, and the witness. */
async function pathsOf({ options, witness, secondPath }: OwnFactsParts['parts'], peerUrl: string | undefined): Promise<Looked[]> {
  const { node, network, timers, settings } = options;
  const listens = async (name: string, at: Endpoint | undefined): Promise<Looked[]> => {
    if (at === undefined) return [];
    const reason = await closedBy(network, timers, at, settings.httpConnectTimeoutMs);
    return [{ name, state: reason === undefined ? 'reachable' : 'unreachable', why: reason === undefined ? '' : `${at.host}:${at.port} does not answer (${reason})` }];
  };
  const status: RedundancyStatus['witness'] = witness?.status();
  return [
    ...(await listens(`link of node ${node.partner?.symbol ?? ''}`, partnerEndpoint(node))),
    ...(await listens(`console of node ${node.partner?.symbol ?? ''}`, endpointOf(peerUrl))),
    ...(secondPath === undefined ? [] : [{ name: 'second heartbeat path', state: secondPath.state === 'up' ? ('reachable' as const) : ('unreachable' as const), why: secondPath.state === 'up' ? '' : 'no heartbeat comes over it' }]),
    ...(status === undefined ? [] : [{ name: `witness ${status.address}`, state: status.reachable ? ('reachable' as const) : ('unreachable' as const), why: status.reachable ? '' : 'it does not answer' }]),
  ];
}

function gapOf({ sync, dbSync, options, role }: OwnFactsParts['parts']): string | undefined {
  if (sync.historyFill !== undefined) return `node ${options.node.id} is still fetching history from the other one`;
  if (dbSync.isOff) return 'DB sync is off: journal entries and history are not copied';
  return role().inSync ? undefined : 'the standby is not in sync';
}
