import type { IncomingHttpHeaders } from 'node:http';

/**
 * The cookie that keeps a person signed in when a page is loaded again. Cookies do not know ports, so that it carries
 * the site's name: two sites on one machine must not sign each other out.
 */
export function cookieName(site: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}tandem_${Buffer.from(site).toString('hex').slice(0, 40)}`;
}

export function setCookie(site: string, key: string, maxAgeMs: number, secure: boolean): string {
  const age = Math.max(0, Math.floor(maxAgeMs / 1_000));
  return `${cookieName(site, secure)}=${key}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

export function readCookie(headers: IncomingHttpHeaders, site: string, secure: boolean): string | undefined {
  const name = `${cookieName(site, secure)}=`;
  const found = (headers.cookie ?? '').split(';').map((part) => part.trim()).find((part) => part.startsWith(name));
  const value = found?.slice(name.length);
  return value === undefined || value === '' || value.length > 200 ? undefined : value;
}
