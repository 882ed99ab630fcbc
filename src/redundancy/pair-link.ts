import type { Endpoint } from '../contract/index.js';
import { Admission } from './admission.js';
import type { LinkOptions } from './link-contract.js';
import type { LinkHello } from './link-messages.js';
import type { PairOptions } from './pair-options.js';
import { partnerEndpoint } from './pair-parts.js';
import { endpointOf } from './probe.js';
import { slowRedialMs } from './timing.js';

/** The link of a node, by its document; what settings say is read when it is needed, for they change. */
export function linkOptions(options: PairOptions, away: () => string | undefined, hello: () => LinkHello): LinkOptions {
  const { node, settings, transport, timers, log, trust, site } = options;
  return {
    transport,
    timers,
    log: log.child('link'),
    listen: node.mode === 'reader' ? undefined : node.link,
    dial: node.mode === 'main' ? undefined : partnerEndpoint(node),
    dialToo: partnerEndpoint({ ...(node.otherPartner === undefined ? {} : { partner: node.otherPartner }) }),
    get connectTimeoutMs() {
      return settings.webSocketTimeoutMs;
    },
    get redialMs() {
      return settings.pingRateMs;
    },
    get retryCount() {
      return settings.retryCount;
    },
    get slowRedialMs() {
      return slowRedialMs(settings);
    },
    gate: new Admission(trust, away, { site, partner: node.partner }),
    hello,
  };
}

/** Every path to the partner: link, second path and console. Where all refuse, no process of it is there (R27). */
export function peerPaths({ node }: PairOptions, peerUrl: string | undefined): Endpoint[] {
  return [partnerEndpoint(node), node.partner?.secondPath, endpointOf(peerUrl)].filter((path) => path !== undefined);
}
