import type { IncomingHttpHeaders } from 'node:http';
import type { NodeApi } from './node-api.js';

/** The origin of an address; undefined where it is none. */
export function originOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
}

/** Where the console is, too: at the other node and at the virtual address. */
export function consoleOrigins(api: NodeApi): string[] {
  return [api.peerUrl(), ...(api.origins?.() ?? [])].map(originOf).filter((origin) => origin !== undefined);
}

/** Other origins whose pages may ask: those of the console, and those that the node document names. */
export function otherOrigins(api: NodeApi): string[] {
  return [...consoleOrigins(api), ...api.access.origins];
}

/** Whether a page of this origin may ask. Browsers say whose page asks; without the header it is no page. */
export function isWelcome(api: NodeApi, { origin, host }: IncomingHttpHeaders): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  return new URL(origin).host === host || otherOrigins(api).includes(origin);
}
