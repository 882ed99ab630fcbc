import type { WireAlarm } from './client-protocol.js';

/** Somebody who is told: by mail, or by a webhook whose address the node document has. */
export interface NotificationRecipient {
  readonly name: string;
  readonly emails?: readonly string[];
  readonly webhook?: string;
}

export const notificationEvents = ['raised', 'returned', 'acknowledged'] as const;
export type NotificationEvent = (typeof notificationEvents)[number];

/** Which alarms are told to whom. What is left out is not looked at. */
export interface NotificationRoute {
  readonly to: readonly string[];
  readonly classes?: readonly string[];
  readonly priorities?: readonly number[];
  readonly areas?: readonly string[];
  readonly on: readonly NotificationEvent[];
  /** Local times of the day, milliseconds since midnight: nothing is sent between them, but of life safety. */
  readonly quiet?: { readonly fromMs: number; readonly toMs: number };
  /** Told too, where nobody has acknowledged so long after the raise. */
  readonly escalate: readonly { readonly afterMs: number; readonly to: readonly string[] }[];
}

export interface NotificationSettings {
  readonly timezone: string;
  readonly recipients: readonly NotificationRecipient[];
  readonly routes: readonly NotificationRoute[];
}

/** One message to one recipient. */
export interface Notification {
  /** The same for ever, whichever node sends it, and however often. */
  readonly id: string;
  readonly to: string;
  readonly event: NotificationEvent;
  readonly alarm: WireAlarm;
  readonly by?: string;
  readonly note?: string;
  /** Pair time of the transition. */
  readonly timeMs: number;
  /** 1 for the first step of the escalation; absent for the message itself. */
  readonly escalation?: number;
  /** Control moved while it was being sent, or the server did not answer: it may have arrived already. */
  readonly possibleRepeat?: true;
}

/** One that has not been sent yet. */
export interface PendingNotification extends Notification {
  /** Pair time before which it is not tried. */
  readonly notBeforeMs: number;
  /** So often it was tried in vain. */
  readonly attempt: number;
  /** It is being sent now. */
  readonly sending?: true;
  readonly error?: string;
  /** Who wants it sent now, before the others and whatever the hour; until it is tried. */
  readonly askedBy?: string;
}

/** What a person does with one that waits; `note` is why. */
export interface NotificationAction {
  readonly kind: 'send' | 'give-up';
  readonly id: string;
  readonly note?: string;
}

/** Of one machine: how it sends. */
export interface MessengerSettings {
  readonly smtp?: {
    readonly host: string;
    readonly port: number;
    /** `tls` from the first byte, `starttls` or nothing is sent, `off` in the clear. */
    readonly security: 'tls' | 'starttls' | 'off';
    readonly from: string;
    readonly user?: string;
    readonly passwordFile?: string;
    /** Certificates (PEM) that the server's is checked against, in place of the system's: of a mail server with one of its own. */
    readonly caFile?: string;
  };
  readonly webhooks?: Readonly<Record<string, { readonly url: string; readonly tokenFile?: string }>>;
}

/** Sends; given by the platform. Rejects with NOTIFICATION_FAILED. */
export interface Messenger {
  /** Rejects with NOTIFICATION_FAILED; `details.mayHaveArrived` where the receiver had all of it and did not answer. */
  send(notification: Notification, recipient: NotificationRecipient, site: string): Promise<void>;
}
