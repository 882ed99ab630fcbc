import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { siteForLoad } from '../../simulators/load/site-for-load.js';
import type { KnownCertificate, PartnerTable, RedundancyStatus, TrustStatus } from '../../src/contract/index.js';
import { stopAtFirstFailure } from './demo-pair.js';
import { FAST_PAIR, freePorts, redundancyOf, until } from './processes.js';
import { answers, Rig, type NodeOptions, type Run } from './rig.js';

const trustOf = async (url: string): Promise<TrustStatus> => (await (await fetch(`${url}/api/v1/redundancy/trust`)).json()) as TrustStatus;

describe('trust between two real nodes', function () {
  this.timeout(60_000);
  stopAtFirstFailure();
  let rig: Rig;
  let site: string;
  let urls: { readonly a: string; readonly b: string };
  let options: { readonly a: NodeOptions; readonly b: NodeOptions };
  const nodes: { a?: Run; b?: Run } = {};

  before(async () => {
    rig = new Rig();
    const [consoleA = 0, consoleB = 0, linkA = 0, linkB = 0, nobody = 0] = await freePorts(5);
    site = rig.write('site.yaml', siteForLoad(3, '127.0.0.1', nobody, { redundancy: FAST_PAIR }));
    urls = { a: `http://127.0.0.1:${String(consoleA)}`, b: `http://127.0.0.1:${String(consoleB)}` };
    options = {
      a: { id: 'A', mode: 'main', console: consoleA, link: linkA, partner: { id: 'B', port: linkB }, tls: 'on' },
      b: { id: 'B', mode: 'backup', console: consoleB, link: linkB, partner: { id: 'A', port: linkA }, tls: 'on' },
    };
    nodes.a = rig.node(site, options.a);
    nodes.b = rig.node(site, options.b);
    await answers(urls.a, nodes.a);
    await answers(urls.b, nodes.b);
  });
  after(async () => (rig as Rig | undefined)?.stop());

  const cli = async (node: 'a' | 'b', ...words: readonly string[]): Promise<string> => {
    const run = rig.tandem('trust', ...words, '--url', urls[node], '--token', 't');
    assert.equal(await run.exit(), 0, run.stderr);
    return run.stdout;
  };
  const pending = async (url: string): Promise<KnownCertificate> =>
    until('a certificate is pending', async () => (await trustOf(url)).certificates.find(({ state }) => state === 'pending'));
  const refused = async (url: string, why: RegExp): Promise<RedundancyStatus> =>
    until(`refused: ${String(why)}`, async () => {
      const status = await redundancyOf(url);
      return status?.sync.state === 'refused' && why.test(status.sync.reason ?? '') ? status : undefined;
    });
  const inSync = async (): Promise<void> => {
    await until('in sync', async () => {
      const states = await Promise.all([urls.a, urls.b].map(redundancyOf));
      // Control that went to the backup comes back by itself; the next step begins when it has.
      return states[0]?.self.role === 'active' && states.every((state) => state?.sync.state === 'in-sync') ? true : undefined;
    });
  };

  it('makes a key of its own, for its owner alone', async () => {
    for (const id of ['A', 'B']) {
      const file = join(rig.folder, id, 'trust', 'identity.pem');
      assert.equal(statSync(file).mode & 0o777, 0o600);
      assert.match(readFileSync(file, 'utf8'), /PRIVATE KEY[\s\S]+CERTIFICATE/);
    }
    assert.notEqual((await trustOf(urls.a)).own?.fingerprint, (await trustOf(urls.b)).own?.fingerprint);
  });

  it('needs a token to decide', async () => {
    const { fingerprint } = await pending(urls.a);
    const response = await fetch(`${urls.a}/api/v1/redundancy/trust`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ action: 'approve', fingerprint }) });
    assert.equal(response.status, 401);
    assert.equal((await pending(urls.a)).fingerprint, fingerprint);
  });

  it('approved on one side only, it is refused, and the backup stays where it is', async () => {
    const shown = await pending(urls.a);
    assert.equal(shown.fingerprint, (await cli('b', 'fingerprint')).trim(), 'what B says of itself is what A was shown');
    assert.match(await cli('a', 'approve', shown.fingerprint.slice(0, 17)), /^approved sha256:[0-9a-f]{64} {2}B, connection waiting/m);
    const status = await refused(urls.a, /that of A .* waits for approval at node B/);
    assert.equal(status.tls, 'on');
    const backup = await redundancyOf(urls.b);
    assert.equal(backup?.self.role, 'starting');
    assert.equal(backup.barred, 'no connection with a main has been approved');
  });

  it('approved on both, then the connection on one: in sync', async () => {
    await cli('b', 'approve', (await pending(urls.b)).fingerprint);
    await refused(urls.b, /the connection with A .* waits for approval/);
    await cli('b', 'connect', (await trustOf(urls.b)).certificates[0]?.fingerprint ?? '');
    await inSync();
    assert.equal((await trustOf(urls.a)).certificates[0]?.by, 'the other node');
  });

  it('shows the partner table over REST, and takes its live settings', async () => {
    const table = async (url: string): Promise<PartnerTable> => (await (await fetch(`${url}/api/v1/redundancy/partners`)).json()) as PartnerTable;
    const put = async (symbol: string, body: object, token = 't'): Promise<Response> =>
      fetch(`${urls.b}/api/v1/redundancy/partners/${symbol}`, { method: 'PUT', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const { local, partners } = await table(urls.b);
    assert.deepEqual([local.symbol, local.isPrimary, local.active, partners[0]?.symbol, partners[0]?.connected, partners[0]?.dbSync], ['B', false, true, 'A', true, 'in-sync']);
    assert.equal((await put('B', { active: false }, 'wrong')).status, 401);
    assert.equal((await put('X', { active: false })).status, 404);
    assert.equal((await put('B', { active: 'no' })).status, 400);
    assert.equal((await put('B', { active: false, comment: 'at the workshop' })).status, 200);
    await refused(urls.a, /node B has been taken out of the pair/);
    const tried = await fetch(`${urls.a}/api/v1/redundancy/partners/B/try-to-connect`, { method: 'POST', headers: { authorization: 'Bearer t' } });
    assert.match(JSON.stringify(await tried.json()), /"state":"failed".*taken out of the pair/);
    await put('B', { active: true });
    await inSync();
    assert.equal((await table(urls.b)).local.comment, 'at the workshop');
  });

  it('renews its certificate over the trusted link', async () => {
    const before = (await trustOf(urls.a)).own?.fingerprint;
    const next = (await cli('a', 'renew')).trim();
    await until('the new one in use', async () => ((await trustOf(urls.a)).own?.fingerprint === next ? true : undefined));
    assert.notEqual(next, before);
    const main = nodes.a;
    await main?.stop();
    nodes.a = rig.node(site, options.a);
    await until('B active', async () => ((await redundancyOf(urls.b))?.self.role === 'active' ? true : undefined));
    await inSync();
    assert.deepEqual((await trustOf(urls.b)).certificates.map(({ fingerprint }) => fingerprint), [next], 'the old one is trusted no more');
  });

  it('revoked while connected: the link ends, and nobody takes over', async () => {
    const roles = async (): Promise<string> => (await Promise.all([urls.a, urls.b].map(redundancyOf))).map((status) => status?.self.role).join();
    const before = await roles();
    await cli('a', 'revoke', (await trustOf(urls.a)).certificates[0]?.fingerprint ?? '');
    await refused(urls.a, /has been revoked at node A/);
    await refused(urls.b, /has been revoked at node A/);
    // Longer than failover and silence need.
    const endMs = performance.now() + 2_000;
    while (performance.now() < endMs) assert.equal(await roles(), before);
    await cli('a', 'approve', (await trustOf(urls.a)).certificates[0]?.fingerprint ?? '');
    await cli('a', 'connect', (await trustOf(urls.a)).certificates[0]?.fingerprint ?? '');
    await inSync();
  });

  it('a node that comes with another key is a stranger', async () => {
    await nodes.b?.stop();
    renameSync(join(rig.folder, 'B', 'trust', 'identity.pem'), join(rig.folder, 'B-identity.pem'));
    nodes.b = rig.node(site, options.b);
    await refused(urls.a, /certificate: that of B .* waits for approval at node A/);
    await until('A active alone', async () => ((await redundancyOf(urls.a))?.self.role === 'active' ? true : undefined));
    assert.ok((await redundancyOf(urls.a))?.alarms?.some((alarm) => alarm.includes('beside the approved one')));
    await nodes.b.stop();
    renameSync(join(rig.folder, 'B-identity.pem'), join(rig.folder, 'B', 'trust', 'identity.pem'));
    assert.ok(!existsSync(join(rig.folder, 'B', 'trust', 'next.pem')));
    nodes.b = rig.node(site, options.b);
    await inSync();
  });

  it('TLS on one side only is told as such', async () => {
    await nodes.b?.stop();
    nodes.b = rig.node(site, { id: 'B', mode: 'backup', console: options.b.console, ...(options.b.link === undefined ? {} : { link: options.b.link }), ...(options.b.partner === undefined ? {} : { partner: options.b.partner }) });
    await refused(urls.a, /calls without TLS/);
    await refused(urls.b, /differ in TLS/);
    assert.equal((await redundancyOf(urls.b))?.tls, 'off');
  });
});
