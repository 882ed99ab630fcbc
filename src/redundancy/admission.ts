import type { Channel } from '../contract/index.js';
import type { LinkHello, LinkMessage } from './link-messages.js';
import type { LinkGate, Refusal } from './link.js';
import type { Trust } from './trust.js';

/** The link's gate: certificates first, then whether this node takes part at all. */
export class Admission implements LinkGate {
  constructor(
    private readonly trust: Trust | undefined,
    /** Why this node takes no part in the pair for now; undefined where it does. */
    private readonly away: () => string | undefined,
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

  news(): LinkMessage | undefined {
    return this.trust?.announcement();
  }

  heard(channel: Channel, message: LinkMessage): LinkMessage | undefined | false {
    if (message.type !== 'certificate' && message.type !== 'certificate-known') return false;
    return this.trust?.heard(channel, message);
  }
}
