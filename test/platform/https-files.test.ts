import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { silentLog, type Timers } from '../../src/contract/index.js';
import { httpsFiles, httpsFingerprint, readHttps } from '../../src/platform/https-files.js';
import { SiteAuthority } from '../../src/platform/site-authority.js';
import { certificateOf } from '../../src/platform/tls.js';
import { realClock, realTimers } from '../../src/platform/time.js';

describe('certificate of https, from files', () => {
  let folder: string;
  let first: string;
  let second: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-https-'));
    const authority = await SiteAuthority.open(join(folder, 'pki'), 'Tower');
    first = await authority.issue('A', ['127.0.0.1'], 100);
    second = await (await SiteAuthority.open(join(folder, 'pki'), 'Tower')).issue('B', ['127.0.0.1'], 100);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('says what is wrong with them', () => {
    const write = (name: string, text: string): string => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    };
    const refused = (files: Parameters<typeof readHttps>[0], message: RegExp): void => {
      assert.throws(() => readHttps(files), (error: Error & { code?: string }) => error.code === 'HTTPS_CERTIFICATE' && message.test(error.message));
    };
    refused({ certificate: join(folder, 'none.pem') }, /cannot be read/);
    refused({ certificate: write('text.pem', 'hello') }, /holds no certificate/);
    const [certificate = ''] = /-----BEGIN CERTIFICATE-----[^]+/.exec(readFileSync(first, 'utf8')) ?? [];
    refused({ certificate: write('bare.pem', certificate) }, /holds no private key/);
    refused({ certificate: first, key: second }, /is not that of the certificate/);
    refused({ certificate: write('cut.pem', readFileSync(first, 'utf8').replace(/\n[A-Za-z0-9+/]{20,}\n/g, '\n')) }, /cut\.pem/);
    assert.match(httpsFingerprint({ certificate: first }), /^sha256:/);
  });

  it('uses another one that is put in its place, and keeps the old one for what cannot be used', async () => {
    const file = join(folder, 'in-force.pem');
    copyFileSync(first, file);
    let tick = (): void => undefined;
    const timers: Timers = { ...realTimers, every: (_ms, run) => ((tick = run), { cancel: () => undefined }) };
    const source = httpsFiles({ certificate: file }, realClock, timers, silentLog);
    const { key, certificate } = source.current();
    const server = createServer({ key, cert: certificate });
    source.watch((next) => server.setSecureContext({ key: next.key, cert: next.certificate }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const shown = async (): Promise<string | undefined> =>
      new Promise((resolve, reject) => {
        const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
          resolve(certificateOf(socket)?.fingerprint);
          socket.destroy();
        });
        socket.on('error', reject);
      });
    const put = (from: string | undefined, atMs: number): void => {
      if (from === undefined) writeFileSync(file, 'half a file');
      else copyFileSync(from, file);
      utimesSync(file, atMs / 1_000, atMs / 1_000);
      tick();
    };
    try {
      assert.equal(await shown(), httpsFingerprint({ certificate: first }));
      put(undefined, 1_000_000);
      assert.equal(await shown(), httpsFingerprint({ certificate: first }));
      put(second, 2_000_000);
      assert.equal(await shown(), httpsFingerprint({ certificate: second }));
    } finally {
      server.close();
    }
  });
});
