import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { FINGERPRINT, sizeBytes, type Endpoint, type MessengerSettings, type NodeConfig, type PartnerConfig, type Problem } from '../contract/index.js';
import { compact } from './compact.js';
import { formatHost, isAnyAddress, isLoopback, parseEndpoint } from './endpoint.js';
import type { SourceFile } from './load-site.js';
import type { NodeDocument } from './node-document.js';
import { readLicenceSection } from './licence-section.js';
import { readMessengerSettings } from './messenger-settings.js';
import { ProblemList, type DocumentProblems } from './problem-list.js';
import { check, checkKeys, isRecord } from './schema-check.js';
import { SourceDocument } from './source-document.js';

export interface LoadedNode {
  /** Absent where there is any error. */
  readonly node?: NodeDocument;
  readonly problems: readonly Problem[];
}

const sections = ['node', 'partners', 'lines', 'field', 'witness', 'licence', 'notifications'];
const siteSections = ['site', 'redundancy', 'polling', 'devices', 'templates', 'use', 'points', 'alarms', 'trends'];

const symbol = z.string().regex(/^[A-Za-z0-9_-]{1,16}$/, { error: 'must be 1 to 16 letters, digits, _ or -' });
const port = z.int().min(1).max(65_535);

const fingerprint = z.string().regex(FINGERPRINT, { error: 'must be `sha256:` and 64 hexadecimal digits, as `tandem trust fingerprint` prints it on the other node' });

const endpoint = (defaultHost?: string) =>
  z.union([z.string(), z.number()]).transform((value, context): Endpoint => {
    const read = parseEndpoint(value, defaultHost);
    if (read !== undefined) return read;
    context.issues.push({ code: 'custom', input: value, message: `must be "host:port"${defaultHost === undefined ? '' : ' or a port'}` });
    return z.NEVER;
  });

const nodeShape = z.strictObject({
  id: symbol,
  mode: z.enum(['independent', 'main', 'backup', 'reader']),
  data: z.string().min(1),
  listen: z.strictObject({ console: endpoint(), link: endpoint('0.0.0.0').default({ host: '0.0.0.0', port: 8099 }), heartbeat: endpoint().optional() }),
  url: z.url({ protocol: /^https?$/, error: 'must be an address like http://10.20.0.1:8080' }).optional(),
  token: z.string().min(1).optional(),
  priority: z.int().min(1).max(100).optional(),
  tls: z.enum(['on', 'off']).default('on'),
  minDiskFree: sizeBytes.optional(),
  https: z.strictObject({ certificate: z.string().min(1), key: z.string().min(1).optional() }).optional(),
  virtualInterface: z.string().regex(/^[^\s/]{1,15}$/, { error: 'must be the name of a network interface: eno1' }).optional(),
  access: z.enum(['login', 'open']).default('login'),
  origins: z.array(z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, { error: 'must be an origin like https://hmi.example:8443' })).max(20).optional(),
});
const partnersShape = z.array(z.strictObject({ symbol, address: z.string().min(1), port, secondPath: endpoint().optional(), fingerprint: fingerprint.optional() }));
const plugShape = z.strictObject({
  address: z.string().min(1).optional(),
  interface: z.string().min(1).optional(),
  broadcast: z.string().min(1).optional(),
  port: z.union([z.string().min(1), port]).optional(),
  deviceInstance: z.int().min(0).max(4_194_302).optional(),
  // The driver reads it; what it takes is checked there.
  bbmd: z.record(z.string(), z.unknown()).optional(),
});
const witnessShape = z.strictObject({ secret: z.string().min(16, { error: 'must have at least 16 characters' }).optional(), secretFile: z.string().min(1).optional() });
const fieldShape = z.strictObject({ address: z.string().min(1).optional() });

/** Reads and checks a node document: what one machine adds to the site. `nowMs`: wall clock, by which a licence has ended or not. */
export function loadNode(file: SourceFile, nowMs: number): LoadedNode {
  const list = new ProblemList();
  const source = new SourceDocument(file.path, file.text);
  list.addText(source);
  const problems = list.at(source);
  if (source.value === undefined && list.hasErrors) return { problems: list.take() };
  if (!isRecord(source.value)) {
    problems.error('CONFIG_INVALID', 'a node document is a block of keys that begins with `node:`');
    return { problems: list.take() };
  }
  const node = readNode(source, source.value, problems, nowMs);
  const found = list.take();
  return node === undefined || list.hasErrors ? { problems: found } : { node, problems: found };
}

function readNode(source: SourceDocument, top: Readonly<Record<string, unknown>>, problems: DocumentProblems, nowMs: number): NodeDocument | undefined {
  const keys = Object.keys(top);
  for (const key of keys.filter((own) => siteSections.includes(own))) {
    problems.keyError('CONFIG_UNKNOWN_KEY', `\`${key}\` belongs to the site document, which is the same on both nodes`, [key]);
  }
  checkKeys(keys.filter((key) => !siteSections.includes(key)), sections, problems);
  const node = check(nodeShape, top.node ?? {}, problems.at('node'));
  const partners = check(partnersShape, top.partners ?? [], problems.at('partners'));
  const lines = check(z.record(z.string(), plugShape), top.lines ?? {}, problems.at('lines'));
  const field = check(fieldShape.optional(), top.field ?? undefined, problems.at('field'));
  const witness = check(witnessShape.optional(), top.witness ?? undefined, problems.at('witness'));
  const notifications = readMessengerSettings(top.notifications, problems.at('notifications'));
  if (witness !== undefined && (witness.secret === undefined) === (witness.secretFile === undefined)) problems.error('CONFIG_INVALID', 'give either `secret` or `secretFile`: what the witness was started with', ['witness']);
  if (node === undefined || partners === undefined || lines === undefined) return undefined;
  for (const [name, plug] of Object.entries(lines)) {
    if (plug.interface !== undefined && plug.address !== undefined) problems.error('CONFIG_CLASH', 'give the `address` or the `interface`, not both', ['lines', name, 'interface']);
  }
  const [partner, otherPartner] = partners;
  checkPartners(node.mode, partners.length, problems);
  const licence = readLicenceSection(top.licence, source.file, node.id, problems.at('licence'), nowMs);
  const { id, mode, listen, url, token, tls, priority } = node;
  checkTls(node, partner, problems);
  if (node.access === 'open') problems.warning('CONFIG_UNSAFE', 'with `access: open` whoever reaches the console port reads every value, alarm and setting without signing in; changing something still needs a user or a token', ['node', 'access']);
  const config: NodeConfig = compact({
    id,
    mode,
    data: resolve(dirname(source.file), node.data),
    console: listen.console,
    link: listen.link,
    heartbeat: listen.heartbeat,
    url: url?.replace(/\/+$/, '') ?? `${node.https === undefined ? 'http' : 'https'}://${isAnyAddress(listen.console.host) ? '127.0.0.1' : formatHost(listen.console.host)}:${listen.console.port}`,
    partner: partner === undefined ? undefined : compact(partner),
    otherPartner: otherPartner === undefined ? undefined : compact(otherPartner),
    token,
    access: node.access === 'open' ? node.access : undefined,
    origins: node.origins,
    priority,
    tls: tls === 'off' ? tls : undefined,
    https: node.https === undefined ? undefined : compact({ certificate: resolve(dirname(source.file), node.https.certificate), key: node.https.key === undefined ? undefined : resolve(dirname(source.file), node.https.key) }),
    virtualInterface: node.virtualInterface,
    minDiskFreeBytes: node.minDiskFree,
    witnessSecret: witness?.secret,
    notifications: notifications === undefined ? undefined : withFiles(notifications, dirname(source.file)),
    witnessSecretFile: witness?.secretFile === undefined ? undefined : resolve(dirname(source.file), witness.secretFile),
  });
  checkAddresses(config, url !== undefined, problems);
  if (node.https !== undefined && config.url.startsWith('http:')) problems.warning('CONFIG_CLASH', `with \`https\` clients cannot follow ${config.url}: begin it with https://`, ['node', 'url']);
  if ((config.heartbeat === undefined) !== (partner?.secondPath === undefined)) {
    problems.error('CONFIG_REFERENCE', 'a second heartbeat path needs both: `listen.heartbeat` here, and `secondPath` of the partner', config.heartbeat === undefined ? ['partners', 0, 'secondPath'] : ['node', 'listen', 'heartbeat']);
  }
  return compact({ config, lines: new Map(Object.entries(lines)), field, licence, source });
}

/** Files beside the node document. */
function withFiles({ smtp, webhooks }: MessengerSettings, folder: string): MessengerSettings {
  return compact({
    smtp: smtp === undefined ? undefined : compact({ ...smtp, passwordFile: smtp.passwordFile === undefined ? undefined : resolve(folder, smtp.passwordFile), caFile: smtp.caFile === undefined ? undefined : resolve(folder, smtp.caFile) }),
    webhooks: webhooks === undefined ? undefined : Object.fromEntries(Object.entries(webhooks).map(([name, { url, tokenFile }]) => [name, compact({ url, tokenFile: tokenFile === undefined ? undefined : resolve(folder, tokenFile) })])),
  });
}

function checkTls({ tls, mode }: { tls: string; mode: string }, partner: { fingerprint?: string | undefined } | undefined, problems: DocumentProblems): void {
  if (tls === 'on' || mode === 'independent') return;
  problems.warning('CONFIG_UNSAFE', 'with `tls: off` the link is in the clear, and whoever reaches its port may play the other node: use it on a cable of its own only', ['node', 'tls']);
  if (partner?.fingerprint !== undefined) problems.error('CONFIG_CLASH', '`fingerprint` means nothing with `tls: off`', ['partners', 0, 'fingerprint']);
}

function checkPartners(mode: NodeConfig['mode'], count: number, problems: DocumentProblems): void {
  if (mode === 'independent') {
    if (count > 0) problems.keyError('CONFIG_INVALID', 'an independent node has no partners: leave them out, or choose mode main or backup', ['partners']);
    return;
  }
  if (count === 0) problems.error('CONFIG_INVALID', `\`partners\` is missing: a ${mode} needs the address of ${mode === 'reader' ? 'both nodes' : 'the other node'}`, ['partners']);
  if (mode === 'reader') {
    if (count > 2) problems.error('CONFIG_INVALID', 'a pair has two nodes', ['partners', 2]);
    if (count === 1) problems.warning('CONFIG_INVALID', 'name both nodes of the pair, or this one has nobody to read from when the other one is active', ['partners']);
    return;
  }
  if (count > 1) problems.error('CONFIG_INVALID', 'only one partner is supported yet', ['partners', 1]);
}

function checkAddresses(config: NodeConfig, hasUrl: boolean, problems: DocumentProblems): void {
  const { console: web, link, partner, mode } = config;
  const meet = (a: string, b: string): boolean => a === b || isAnyAddress(a) || isAnyAddress(b);
  if (mode !== 'independent' && web.port === link.port && meet(web.host, link.host)) {
    problems.error('CONFIG_CLASH', `console and link cannot both listen on port ${link.port}`, ['node', 'listen', 'link']);
  }
  if (partner === undefined) return;
  if (partner.symbol === config.id) problems.error('CONFIG_CLASH', `\`${config.id}\` is this node itself: give the symbol of the other one`, ['partners', 0, 'symbol']);
  checkPartnerAddress(partner, link, problems);
  if (!hasUrl && isAnyAddress(web.host) && !isLoopback(partner.address)) {
    problems.warning('CONFIG_INVALID', `clients on other machines cannot follow ${config.url}: set \`url\` to how they reach this node`, ['node', 'listen', 'console']);
  }
}

function checkPartnerAddress(partner: PartnerConfig, link: Endpoint, problems: DocumentProblems): void {
  if (!isLoopback(partner.address)) return;
  if (partner.port === link.port && (partner.address === link.host || isAnyAddress(link.host))) {
    problems.error('CONFIG_CLASH', 'this is the own address of this node', ['partners', 0, 'address']);
  } else if (!isLoopback(link.host)) {
    problems.warning('CONFIG_INVALID', `the partner is said to be on this very machine (${partner.address}), but the link listens for others`, ['partners', 0, 'address']);
  }
}
