import type { IncomingMessage } from 'node:http';
import type { NodeApi } from './node-api.js';
import { readCookie } from './session-cookie.js';

/** What a request brings: a token or a session's key in the header, or a session's key in the cookie. */
export interface Credential {
  readonly from: 'header' | 'cookie';
  readonly secret: string;
}

export function credentialOf(api: NodeApi, request: IncomingMessage): Credential | undefined {
  const [scheme, secret] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() === 'bearer' && secret !== undefined && secret !== '') return { from: 'header', secret };
  const cookie = readCookie(request.headers, api.site, isSecure(request));
  return cookie === undefined ? undefined : { from: 'cookie', secret: cookie };
}

export function isSecure({ socket }: IncomingMessage): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}
