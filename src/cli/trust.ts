import { readFileSync } from 'node:fs';
import { loadNode } from '../config/index.js';
import { isTandemError, TandemError, type CertificateFace, type KnownCertificate, type NodeConfig, type TrustAction, type TrustStatus } from '../contract/index.js';
import { consoleLog } from '../platform/log.js';
import { askNode } from '../platform/node-http.js';
import { realClock } from '../platform/time.js';
import { TrustHome } from '../platform/trust-home.js';
import { certificateName, Trust } from '../redundancy/index.js';
import { parse, report, type Command } from './command.js';
import { keptToken, localUrl } from './node-address.js';

/** Where the decisions go: a running node, or the files of one that is stopped. */
interface Desk {
  status(): Promise<TrustStatus>;
  act(action: TrustAction, fingerprint: string): Promise<void>;
  renew(): Promise<CertificateFace>;
}

const ACTIONS: Readonly<Record<string, TrustAction>> = { approve: 'approve', connect: 'approve-connection', revoke: 'revoke', forget: 'forget' };

export const trust: Command = {
  name: 'trust',
  usage: [
    ['trust list|fingerprint --node FILE | --url URL', 'whom a node trusts; its own certificate'],
    ['trust approve|connect|revoke|forget FINGERPRINT --node FILE | --url URL --token T', 'decide about a certificate, then about the connection (its first digits are enough)'],
    ['trust renew --node FILE | --url URL --token T', 'make a new certificate and hand over to it'],
  ],
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: { node: { type: 'string' }, url: { type: 'string' }, token: { type: 'string' } } });
    const [verb, wanted, ...more] = positionals;
    const action = ACTIONS[verb ?? ''];
    if (more.length > 0 || (action === undefined) !== (wanted === undefined)) throw new TandemError('USAGE', 'tandem trust list|fingerprint|renew, or approve|connect|revoke|forget FINGERPRINT');
    const desk = await deskOf(values);
    if (action !== undefined) await desk.act(action, await resolve(desk, wanted ?? ''));
    else if (verb === 'renew') console.log((await desk.renew()).fingerprint);
    else if (verb === 'fingerprint') console.log(ownOf(await desk.status()).fingerprint);
    else if (verb !== 'list') throw new TandemError('USAGE', `there is no tandem trust ${verb ?? ''}`);
    if (action !== undefined || verb === 'list') print(await desk.status());
    return 0;
  },
};

async function deskOf({ node, url, token }: { node?: string | undefined; url?: string | undefined; token?: string | undefined }): Promise<Desk> {
  if ((node === undefined) === (url === undefined)) throw new TandemError('USAGE', 'say which node: --node FILE, or --url URL (with --token T to decide)');
  if (url !== undefined) return running(url.replace(/\/+$/, ''), token);
  const file = node ?? '';
  const { node: document, problems } = loadNode({ path: file, text: readFileSync(file, 'utf8') }, realClock.wallMs());
  if (document === undefined) {
    report(problems);
    throw new TandemError('CONFIG_FILE', `${file} is not a node document that can be used`);
  }
  const { config } = document;
  const live = running(localUrl(config), token ?? config.token ?? keptToken(config.data));
  try {
    await live.status();
    return live;
  } catch (error) {
    if (!isTandemError(error, 'NODE_UNREACHABLE')) throw error;
    return stopped(config);
  }
}

function running(url: string, token: string | undefined): Desk {
  const api = `${url}/api/v1/redundancy/trust`;
  return {
    status: async () => askNode<TrustStatus>(api, { token }),
    act: async (action, fingerprint) => askNode(api, { method: 'POST', token, body: { action, fingerprint } }),
    renew: async () => askNode<CertificateFace>(`${api}/renew`, { method: 'POST', token, body: {} }),
  };
}

async function stopped(config: NodeConfig): Promise<Desk> {
  if (config.tls === 'off' || config.mode === 'independent') return { status: async () => ({ tls: 'off', certificates: [] }), act: refuse, renew: refuse };
  const { partner } = config;
  const pins = partner?.fingerprint === undefined ? [] : [{ fingerprint: partner.fingerprint, name: partner.symbol }];
  const kept = new Trust({ store: await TrustHome.open(config.data, certificateName(config)), node: config.id, pins, clock: realClock, log: consoleLog('warn', config.id) });
  return {
    status: async () => kept.status(),
    act: async (action, fingerprint) => void kept.act(action, fingerprint, 'command line'),
    renew: async () => kept.renew('command line'),
  };
}

async function refuse(): Promise<never> {
  throw new TandemError('TRUST_REFUSED', 'this node has `tls: off`, or no partner: there is nothing to decide');
}

/** The one listed certificate that begins so. @throws TRUST_UNKNOWN */
async function resolve(desk: Desk, wanted: string): Promise<string> {
  const digits = wanted.replace(/^sha256:/, '').toLowerCase();
  if (!/^[0-9a-f]{8,64}$/.test(digits)) throw new TandemError('USAGE', 'a fingerprint is `sha256:` and hexadecimal digits, at least the first 8');
  const found = (await desk.status()).certificates.filter(({ fingerprint }) => fingerprint.startsWith(`sha256:${digits}`));
  const [one] = found;
  if (one === undefined || found.length > 1) throw new TandemError('TRUST_UNKNOWN', one === undefined ? `no certificate ${wanted} is known here; tandem trust list shows those that are` : `${wanted} is the beginning of several: give more digits`);
  return one.fingerprint;
}

function print(status: TrustStatus): void {
  if (status.tls === 'off') {
    console.log('tls: off — the link is in the clear, and nobody is asked for a certificate');
    return;
  }
  const own = ownOf(status);
  console.log(`own      ${own.fingerprint}  ${own.name}, ${String(own.daysLeft)} days left${own.next === undefined ? '' : `, to be followed by ${own.next.fingerprint}`}`);
  for (const known of status.certificates) console.log(`${known.state.padEnd(8)} ${known.fingerprint}  ${describe(known)}`);
  if (status.certificates.length === 0) console.log('no other certificate has been seen yet');
  if (status.barred !== undefined) console.log(`this node does not become active by itself: ${status.barred}`);
}

function describe({ name, state, connection, lastSeenMs, firstSeenMs, from, by }: KnownCertificate): string {
  const seen = lastSeenMs === 0 ? 'never seen' : `first seen ${new Date(firstSeenMs).toISOString()}, last ${new Date(lastSeenMs).toISOString()} at ${from}`;
  return `${name}${state === 'approved' ? `, connection ${connection}` : ''}, ${seen}${by === undefined ? '' : ` (${by})`}`;
}

function ownOf({ own }: TrustStatus): NonNullable<TrustStatus['own']> {
  if (own === undefined) throw new TandemError('TRUST_REFUSED', 'this node has `tls: off`: it has no certificate');
  return own;
}
