import { z } from 'zod';
import type { MessengerSettings } from '../contract/index.js';
import { compact } from './compact.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';

const shape = z.strictObject({
  smtp: z
    .strictObject({
      host: z.string().min(1),
      port: z.int().min(1).max(65_535).optional(),
      security: z.enum(['tls', 'starttls', 'off']).default('starttls'),
      from: z.email(),
      user: z.string().min(1).optional(),
      passwordFile: z.string().min(1).optional(),
      caFile: z.string().min(1).optional(),
    })
    .optional(),
  webhooks: z.record(z.string(), z.strictObject({ url: z.url({ protocol: /^https?$/ }), tokenFile: z.string().min(1).optional() })).optional(),
});

const PORTS = { tls: 465, starttls: 587, off: 25 } as const;

/** `notifications:` of a node document: how this machine sends, and where it keeps the secrets for it. */
export function readMessengerSettings(raw: unknown, problems: DocumentProblems): MessengerSettings | undefined {
  if (raw === undefined) return undefined;
  const written = check(shape, raw, problems);
  if (written === undefined) return undefined;
  const { smtp, webhooks } = written;
  if (smtp?.security === 'off' && smtp.user !== undefined) problems.warning('CONFIG_UNSAFE', 'the password goes over the network in the clear: use `security: starttls` or `tls`', ['smtp', 'security']);
  if (smtp?.security === 'off' && smtp.caFile !== undefined) problems.error('CONFIG_CLASH', 'there is no certificate to be checked with `security: off`', ['smtp', 'caFile']);
  return compact({
    smtp: smtp === undefined ? undefined : compact({ ...smtp, port: smtp.port ?? PORTS[smtp.security] }),
    webhooks: webhooks === undefined ? undefined : Object.fromEntries(Object.entries(webhooks).map(([name, { url, tokenFile }]) => [name, compact({ url, tokenFile })])),
  });
}
