import type { Channel, NodeConfig } from '../contract/index.js';
import type { LinkHello, LinkMessage } from './link-messages.js';
import type { LinkGate, Refusal } from './link-contract.js';
import { hostOf, type Trust } from './trust.js';

/** The link's gate: certificates first, then whether this node takes part at all. */
export class Admission implements LinkGate {
  constructor(
    private readonly trust: Trust | undefined,
    /** Why this node takes no part in the pair for now; undefined where it does. */
    private readonly away: () => string | undefined,
    private readonly pair: { readonly site: string; readonly partner: NodeConfig['partner'] | undefined },
  ) {}

  admit(channel: Channel): Refusal | undefined {
    const { trust } = this;
    trust?.noteCaller(channel);
    const doubt = trust?.mayGreet(channel) === false ? trust.doubt(channel) : undefined;
    if (doubt !== undefined) return { code: 'LINK_TRUST', reason: doubt };
    const away = this.away();
    return away === undefined ? undefined : { code: 'LINK_INACTIVE', reason: away };
  }

  greeting(channel: Channel): Partial<LinkHello> {
    return this.trust === undefined ? {} : { approved: this.trust.approves(channel) };
  }

  greeted(channel: Channel, theirs: LinkHello): Refusal | undefined {
    const doubt = this.trust?.doubtAfterGreeting(channel, theirs.approved === true);
    return doubt === undefined ? undefined : { code: 'LINK_TRUST', reason: doubt };
  }

  mayBePartner(caller: Pick<Channel, 'remote' | 'certificate'>, theirs?: LinkHello): boolean {
    const { trust, pair } = this;
    if (isAt(caller.remote, pair.partner?.address)) return true;
    // Without TLS nothing is proven; but who greets from elsewhere as one of another site is a stray.
    return trust === undefined ? theirs === undefined || theirs.site === pair.site : trust.mayBePartner(caller);
  }

  news(): LinkMessage | undefined {
    return this.trust?.announcement();
  }

  heard(channel: Channel, message: LinkMessage): LinkMessage | undefined | false {
    if (message.type !== 'certificate' && message.type !== 'certificate-known') return false;
    return this.trust?.heard(channel, message);
  }
}

/** Whether `remote` (address:port) is at an address; that of the partner may be a name. */
function isAt(remote: string, address: string | undefined): boolean {
  const host = hostOf(remote);
  return host === address || (address === 'localhost' && (host === '::1' || host.startsWith('127.')));
}
