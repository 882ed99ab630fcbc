import type { Endpoint } from '../contract/index.js';

/** Reads `host:port`, `[v6]:port`, or a bare port where `defaultHost` says on which address. */
export function parseEndpoint(value: string | number, defaultHost?: string): Endpoint | undefined {
  const text = String(value);
  if (/^\d+$/.test(text)) return defaultHost === undefined ? undefined : withPort(defaultHost, text);
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]]+)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  return host === undefined ? undefined : withPort(host, match?.[3] ?? '');
}

/** As it stands in a URL. */
export function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

function withPort(host: string, digits: string): Endpoint | undefined {
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
