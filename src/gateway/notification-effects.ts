import { TandemError, type Messenger, type Notification, type SiteConfig } from '../contract/index.js';
import type { NotificationEffects } from '../functions/index.js';
import type { Store } from '../store/index.js';

export interface NotificationEffectsOptions {
  readonly messenger: Messenger | undefined;
  readonly site: () => SiteConfig;
  /** Resolves when everything framed so far is on both nodes, or the pair is known to be unprotected. */
  readonly whenHeld: () => Promise<unknown>;
  /** Rejects where this node may have no effects. */
  readonly mayAct: () => Promise<void>;
}

/** That a message is being sent is on both nodes before it leaves, and the lease is looked at right before it does. */
export function notificationEffects({ messenger, site, whenHeld, mayAct }: NotificationEffectsOptions): NotificationEffects {
  const underWay = new Map<string, Promise<void>>();
  const send = async (notification: Notification): Promise<void> => {
    const { name, notifications } = site();
    const recipient = notifications?.recipients.find((candidate) => candidate.name === notification.to);
    if (recipient === undefined) throw new TandemError('NOTIFICATION_FAILED', `there is no recipient ${notification.to} any more`);
    if (messenger === undefined) throw new TandemError('NOTIFICATION_FAILED', 'this node has no `notifications` in its node document');
    await whenHeld();
    await mayAct();
    await messenger.send(notification, recipient, name);
  };
  return {
    // One that is on its way goes on over a change of the configuration, and is not sent a second time by whoever runs them then.
    send: async (notification) => {
      const { id } = notification;
      const before = underWay.get(id);
      if (before !== undefined) return before;
      const now = send(notification).finally(() => underWay.delete(id));
      underWay.set(id, now);
      return now;
    },
    isSending: (id) => underWay.has(id),
  };
}

/** So many of the log are looked through for one that somebody asks for. */
const LOOKED_AT = 1_000;

/** What became, up to a frame, of one that does not wait any more; `unknown` where the log does not tell. */
export async function settled(store: Store, seq: number, id: string, unknown: TandemError): Promise<TandemError> {
  await store.whenDurable(seq); // its end may be in the frame that has just been cut
  const entry = (await store.logs('notification', LOOKED_AT)).find(({ data }) => (data as { readonly id?: string }).id === id);
  if (entry === undefined) return unknown;
  const { what } = entry.data as { readonly what: 'sent' | 'given-up' };
  return new TandemError('NOTIFICATION_SETTLED', `notification ${id} was ${what === 'sent' ? 'sent' : 'given up'} at ${new Date(entry.timeMs).toISOString()}`);
}
