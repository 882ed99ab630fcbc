import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf, TandemError, type Messenger, type MessengerSettings, type Notification } from '../contract/index.js';

const TIMEOUT_MS = 20_000;
/** Nobody was there to take it. */
const NOT_CONNECTED: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** Of a failure after which nobody knows whether the message has arrived: sent again it may be a repeat. */
class NoAnswer extends Error {}

/**
 * Sends mails by SMTP and webhooks by HTTP. Secrets come from the files that the node document names, read anew each time so that
 * they may be changed under way, or from the environment (`TANDEM_SMTP_PASSWORD`).
 */
export function messenger(settings: MessengerSettings): Messenger {
  return {
    send: async (notification, recipient, site) => {
      try {
        if (recipient.emails !== undefined) await mail(settings, notification, recipient.emails, site);
        else await post(settings, notification, recipient.webhook ?? '', site);
      } catch (cause) {
        if (cause instanceof TandemError) throw cause;
        throw new TandemError('NOTIFICATION_FAILED', `to ${recipient.name}: ${messageOf(cause)}`, { cause, ...(cause instanceof NoAnswer ? { details: { mayHaveArrived: true } } : {}) });
      }
    },
  };
}

/** The same for a notification whoever sends it (RFC 5322, 3.6.4), so that a mail program shows a repeated one once. */
export function messageId({ id }: Pick<Notification, 'id'>, site: string): string {
  return `<${createHash('sha256').update(id).digest('hex').slice(0, 32)}@${site.replace(/[^A-Za-z0-9-]/g, '-')}.tandem>`;
}

export function subjectOf({ event, alarm, escalation, possibleRepeat }: Notification, site: string): string {
  const marks = [...(possibleRepeat === true ? ['[possible repeat] '] : []), ...(escalation === undefined ? [] : [`[escalation ${escalation}] `])].join('');
  return oneLine(`${marks}${site}: ${alarm.name} ${event}, priority ${alarm.priority}`);
}

export function textOf({ event, alarm, by, note, timeMs, id, possibleRepeat }: Notification, site: string): string {
  const lines: (readonly [string, string | undefined])[] = [
    ['Alarm', alarm.name], ['Event', by === undefined ? event : `${event} by ${by}`], ['What', alarm.message], ['Point', alarm.point === '' ? undefined : alarm.point],
    ['Priority', String(alarm.priority)], ['Class', alarm.class], ['Area', alarm.area], ['Time', new Date(timeMs).toISOString()], ['Note', note],
    ['Consequence', alarm.consequence], ['What to do', alarm.instruction], ['Picture', alarm.graphic], ['Site', site], ['Reference', id],
  ];
  const repeat = possibleRepeat === true ? 'This message may have been sent before: whether it arrived was not known when it was sent again.\n\n' : '';
  return repeat + lines.flatMap(([title, text]) => (text === undefined ? [] : [`${title}: ${text}\n`])).join('');
}

async function mail({ smtp }: MessengerSettings, notification: Notification, to: readonly string[], site: string): Promise<void> {
  if (smtp === undefined) throw new TandemError('NOTIFICATION_FAILED', 'the node document has no `notifications: {smtp: …}`');
  const { createTransport } = await import('nodemailer');
  const { host, port, security, from, user, passwordFile, caFile } = smtp;
  const pass = passwordFile === undefined ? process.env.TANDEM_SMTP_PASSWORD : readFileSync(passwordFile, 'utf8').trim();
  // Told by the library when the last of the message has been handed to the connection; before, no server can have taken it.
  const message = { hasLeft: false };
  const info = (entry: unknown): void => void (message.hasLeft ||= (entry as { readonly tnx?: string } | undefined)?.tnx === 'message');
  const ignore = (): void => undefined;
  const transport = createTransport({
    logger: { level: ignore, trace: ignore, debug: ignore, info, warn: ignore, error: ignore, fatal: ignore },
    host, port, secure: security === 'tls', requireTLS: security === 'starttls', ignoreTLS: security === 'off',
    ...(user === undefined ? {} : { auth: { user, pass: pass ?? '' } }),
    ...(caFile === undefined ? {} : { tls: { ca: readFileSync(caFile, 'utf8') } }),
    connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS,
    // What an alarm says is text, never a file or an address to fetch.
    disableFileAccess: true, disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from, to: [...to], messageId: messageId(notification, site), subject: subjectOf(notification, site), text: textOf(notification, site), date: new Date(notification.timeMs),
      headers: { 'X-Tandem-Id': oneLine(notification.id), ...(notification.possibleRepeat === true ? { 'X-Tandem-Possible-Repeat': 'yes' } : {}), 'Auto-Submitted': 'auto-generated' },
    });
  } catch (cause) {
    const { responseCode } = cause as { readonly responseCode?: number };
    throw message.hasLeft && (responseCode ?? 0) < 400 ? new NoAnswer(`the mail server took the message and did not answer: ${messageOf(cause)}`, { cause }) : cause;
  } finally {
    transport.close();
  }
}

async function post({ webhooks }: MessengerSettings, notification: Notification, name: string, site: string): Promise<void> {
  const hook = webhooks?.[name];
  if (hook === undefined) throw new TandemError('NOTIFICATION_FAILED', `the node document has no webhook \`${name}\``);
  const token = hook.tokenFile === undefined ? undefined : readFileSync(hook.tokenFile, 'utf8').trim();
  const response = await fetch(hook.url, {
    method: 'POST',
    redirect: 'manual', // which is an answer like any other that is no success
    headers: { 'content-type': 'application/json', 'idempotency-key': `"${oneLine(notification.id)}"`, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ site, ...notification, time: new Date(notification.timeMs).toISOString(), possibleRepeat: notification.possibleRepeat === true }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    const { code } = ((cause as Error).cause ?? {}) as { readonly code?: unknown };
    throw NOT_CONNECTED.has(code) ? cause : new NoAnswer(`webhook ${name} did not answer: ${messageOf(cause)}`, { cause });
  });
  await response.arrayBuffer().catch(() => undefined); // its status says all
  if (response.ok) return;
  // What stands between may answer for a receiver that has taken it.
  const details = response.status >= 500 ? { details: { mayHaveArrived: true } } : {};
  throw new TandemError('NOTIFICATION_FAILED', `webhook ${name} answered ${response.status}`, details);
}

function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ');
}
