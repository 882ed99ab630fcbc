import { z } from 'zod';
import { durationMs, pollClasses, type PollingSettings, type VirtualAddress } from '../contract/index.js';
import { compact } from './compact.js';
import { checkName } from './names.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { check, checkBlock, isRecord } from './schema-check.js';

/** Addresses that mean nothing to clients, or another machine to each: none, loopback, IPv4 in disguise, link-local, multicast. */
const NOT_OF_A_SITE = /^(::1?$|::ffff:|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:)/;

/** As the kernel and browsers write it (RFC 5952). */
function shortest(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

const virtualAddress = z.string().transform((value, context): VirtualAddress => {
  const [address = '', digits = ''] = value.split('/');
  const prefix = Number(digits);
  if (/^\d{1,3}$/.test(digits) && prefix >= 1) {
    if (z.ipv4().safeParse(address).success && prefix <= 32) return { address, prefix };
    if (z.ipv6().safeParse(address).success && prefix <= 128 && !NOT_OF_A_SITE.test(shortest(address))) return { address: shortest(address), prefix };
  }
  context.issues.push({ code: 'custom', input: value, message: 'must be an address with the length of its network: 10.20.0.10/24, fd00:20::10/64' });
  return z.NEVER;
});

const siteShape = z.strictObject({ name: z.string(), timezone: z.string(), virtualAddress: virtualAddress.optional() });

export interface SiteIdentity {
  readonly name: string;
  readonly timezone: string;
  readonly virtualAddress?: VirtualAddress;
}

/** `site:`, problems placed below it. */
export function readIdentity(raw: unknown, problems: DocumentProblems): SiteIdentity | undefined {
  const site = check(siteShape, raw ?? {}, problems);
  const { name, timezone }: Record<string, unknown> = isRecord(raw) ? raw : {};
  // Each for itself, whatever is wrong with the other.
  if (typeof name === 'string') checkName(name, 'site', problems.at('name'));
  if (typeof timezone === 'string' && !isTimezone(timezone)) problems.error('CONFIG_INVALID', timezoneHint(timezone), ['timezone']);
  return site === undefined ? undefined : compact(site);
}

const pollingShape = z.strictObject({ fast: durationMs.default(250), normal: durationMs.default(1_000), slow: durationMs.default(10_000) });
const fastestMs = 20;

/** `polling:`, the periods of the poll classes. */
export function readPolling(raw: unknown, problems: DocumentProblems): PollingSettings | undefined {
  const checked = checkBlock(pollingShape, raw ?? {}, problems);
  if (checked === undefined) return undefined;
  const { read: periodMs, wrong } = checked;
  for (const pollClass of pollClasses) {
    const isContinuous = pollClass === 'fast' && periodMs.fast === 0;
    if (!isContinuous && periodMs[pollClass] < fastestMs) problems.error('CONFIG_INVALID', `must be at least ${fastestMs}ms (found ${periodMs[pollClass]} ms)`, [pollClass]);
  }
  for (const [faster, slower] of [['fast', 'normal'], ['normal', 'slow']] as const) {
    if (periodMs[faster] <= periodMs[slower] || wrong.has(faster) || wrong.has(slower)) continue;
    const written = isRecord(raw) && faster in raw ? faster : slower; // the other one has its default
    problems.error('CONFIG_INVALID', `${faster} (${periodMs[faster]} ms) is slower than ${slower} (${periodMs[slower]} ms)`, [written]);
  }
  return { periodMs };
}

export function timezoneHint(name: string): string {
  return `\`${name}\` is no time zone, write one like Europe/Berlin${suggestion(name, Intl.supportedValuesOf('timeZone'))}`;
}

export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
