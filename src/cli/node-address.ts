import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadNode } from '../config/index.js';
import { TandemError, type NodeConfig } from '../contract/index.js';
import { httpsFingerprint } from '../platform/https-files.js';
import { expectCertificate } from '../platform/node-http.js';
import { realClock } from '../platform/time.js';
import { report } from './command.js';

export interface NodeAddress {
  readonly url: string;
  readonly token: string | undefined;
  /** Where its document was given: its data folder is on this machine. */
  readonly config?: NodeConfig;
}

/** As {@link addressOf} takes them. */
export const NODE_OPTIONS = { node: { type: 'string' }, url: { type: 'string' }, token: { type: 'string' } } as const;

/** A running node by `--url URL --token T`, or by `--node FILE` on its own machine, with its own token. @throws USAGE, CONFIG_FILE */
export function addressOf({ node, url, token }: { node?: string | undefined; url?: string | undefined; token?: string | undefined }): NodeAddress {
  if ((node === undefined) === (url === undefined)) throw new TandemError('USAGE', 'say which node: --node FILE on its machine, or --url URL with --token T');
  if (url !== undefined) return { url: url.replace(/\/+$/, ''), token };
  const file = node ?? '';
  const { node: document, problems } = loadNode({ path: file, text: readFileSync(file, 'utf8') }, realClock.wallMs());
  if (document === undefined) {
    report(problems);
    throw new TandemError('CONFIG_FILE', `${file} is not a node document that can be used`);
  }
  const { config } = document;
  return { url: localUrl(config), token: token ?? config.token ?? keptToken(config.data), config };
}

/** How a node is reached from its own machine. */
export function localUrl({ console: { host, port }, https }: NodeConfig): string {
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  const url = `${https === undefined ? 'http' : 'https'}://${shown}:${String(port)}`;
  // Whoever listens there has to have the very certificate that lies on this machine, whatever names are in it.
  if (https !== undefined) expectCertificate(url, httpsFingerprint(https));
  return url;
}

/** The machine token, made at the node's first start. */
export function keptToken(data: string): string | undefined {
  const file = join(data, 'token');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}
