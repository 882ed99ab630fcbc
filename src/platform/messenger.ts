import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf, TandemError, type Messenger, type MessengerSettings, type Notification } from '../contract/index.js';

const TIMEOUT_MS = 20_000;

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
        throw new TandemError('NOTIFICATION_FAILED', `to ${recipient.name}: ${messageOf(cause)}`, { cause });
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
  const repeat = possibleRepeat === true ? 'This message may have been sent before: control moved to the other node while it was being sent.\n\n' : '';
  return repeat + lines.flatMap(([title, text]) => (text === undefined ? [] : [`${title}: ${text}\n`])).join('');
}

async function mail({ smtp }: MessengerSettings, notification: Notification, to: readonly string[], site: string): Promise<void> {
  if (smtp === undefined) throw new TandemError('NOTIFICATION_FAILED', 'the node document has no `notifications: {smtp: …}`');
  const { createTransport } = await import('nodemailer');
  const { host, port, security, from, user, passwordFile, caFile } = smtp;
  const pass = passwordFile === undefined ? process.env.TANDEM_SMTP_PASSWORD : readFileSync(passwordFile, 'utf8').trim();
  const transport = createTransport({
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
    redirect: 'error',
    headers: { 'content-type': 'application/json', 'idempotency-key': `"${oneLine(notification.id)}"`, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ site, ...notification, time: new Date(notification.timeMs).toISOString(), possibleRepeat: notification.possibleRepeat === true }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new TandemError('NOTIFICATION_FAILED', `webhook ${name} answered ${response.status}`);
}

function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ');
}
