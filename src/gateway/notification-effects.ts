import { TandemError, type Messenger, type SiteConfig } from '../contract/index.js';
import type { NotificationEffects } from '../functions/index.js';

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
  return {
    send: async (notification) => {
      const { name, notifications } = site();
      const recipient = notifications?.recipients.find((candidate) => candidate.name === notification.to);
      if (recipient === undefined) throw new TandemError('NOTIFICATION_FAILED', `there is no recipient ${notification.to} any more`);
      if (messenger === undefined) throw new TandemError('NOTIFICATION_FAILED', 'this node has no `notifications` in its node document');
      await whenHeld();
      await mayAct();
      await messenger.send(notification, recipient, name);
    },
  };
}
