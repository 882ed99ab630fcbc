import { request } from 'node:http';
import { connect, type TLSSocket } from 'node:tls';
import { TandemError } from '../contract/index.js';
import { certificateOf } from './tls.js';

interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** What is used of fetch, towards a server that shows exactly this certificate. Nothing is sent before it has. */
export function pinnedFetch(fingerprint: string): (url: string, asked: Asked) => Promise<{ readonly ok: boolean; text(): Promise<string> }> {
  return async (url, { method, headers, body, signal }) => {
    const { hostname, port, pathname, search } = new URL(url);
    const socket = await connected(hostname.replace(/^\[|\]$/g, ''), Number(port), signal);
    if (certificateOf(socket)?.fingerprint !== fingerprint) {
      socket.destroy();
      throw new TandemError('HTTPS_CERTIFICATE', `${url} shows another certificate than this node's document names: it was changed since, or somebody else listens there`);
    }
    return new Promise((resolve, reject) => {
      const asking = request({ method, path: `${pathname}${search}`, headers: { host: `${hostname}:${port}`, ...headers }, createConnection: () => socket, signal }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          socket.destroy();
          const { statusCode = 500 } = response;
          resolve({ ok: statusCode >= 200 && statusCode < 300, text: async () => Promise.resolve(Buffer.concat(parts).toString('utf8')) });
        });
      });
      asking.on('error', reject);
      asking.end(body);
    });
  };
}

async function connected(host: string, port: number, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => resolve(socket));
    socket.once('error', reject);
    signal.addEventListener('abort', () => socket.destroy(new Error('no answer in time')), { once: true });
  });
}
