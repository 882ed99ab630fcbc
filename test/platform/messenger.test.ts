import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { SMTPServer } from 'smtp-server';
import { TandemError, type MessengerSettings, type Notification } from '../../src/contract/index.js';
import { messenger } from '../../src/platform/messenger.js';

const ALARM = { name: 'AHU1.SaT.high', point: 'AHU1.SaT', state: 'unacknowledged', priority: 1, class: 'general', message: 'AHU1.SaT above 26', sinceMs: 1_000, occurrence: 4 } as const;
const NOTE: Notification = { id: 'raised/AHU1.SaT.high/4', to: 'duty', event: 'raised', alarm: ALARM, timeMs: 1_000 };

/** With `?` where it may have arrived all the same. */
function failure(error: unknown): string {
  return error instanceof TandemError ? `${error.code}: ${error.message}${error.details.mayHaveArrived === true ? ' ?' : ''}` : String(error);
}

describe('messenger', () => {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-'));
  const ends: (() => Promise<void>)[] = [];
  let certificate: { key: string; cert: string };

  before(async () => {
    const made = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec', curve: 'P-256', algorithm: 'sha256', extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }] });
    certificate = { key: made.private, cert: made.cert };
    writeFileSync(join(folder, 'ca.pem'), made.cert);
    writeFileSync(join(folder, 'secret'), 'pass-word\n');
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A real mail server with a certificate of its own: what arrived, and whether it came encrypted. */
  const mailServer = async (secure: boolean, offersTls = true): Promise<{ port: number; arrived: string[] }> => {
    const arrived: string[] = [];
    const server = new SMTPServer({
      ...certificate,
      secure,
      disabledCommands: offersTls ? [] : ['STARTTLS'],
      allowInsecureAuth: true,
      authOptional: true,
      onAuth: ({ username, password }, _session, done) => done(null, { user: `${username ?? ''}:${password ?? ''}` }),
      onData: (stream, { secure: isEncrypted, user, envelope }, done) => {
        stream.resume();
        stream.on('end', () => {
          arrived.push(`${isEncrypted ? 'encrypted' : 'clear'} ${String(user)} ${envelope.rcptTo.map(({ address }) => address).join(' ')}`);
          done();
        });
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(async () => new Promise((resolve) => server.close(() => resolve())));
    return { port: (server.server.address() as AddressInfo).port, arrived };
  };
  const smtp = (port: number, security: 'tls' | 'starttls', more: object = {}): MessengerSettings => ({ smtp: { host: 'localhost', port, security, from: 'bms@example.org', user: 'bms', passwordFile: join(folder, 'secret'), ...more } });
  const send = async (settings: MessengerSettings): Promise<string> =>
    messenger(settings).send(NOTE, { name: 'duty', emails: ['a@example.org', 'b@example.org'] }, 'Tower').then(
      () => 'sent',
      failure,
    );

  for (const security of ['tls', 'starttls'] as const) {
    it(`sends mails encrypted with ${security}, to a server whose certificate it can check, and to no other`, async function () {
      this.timeout(20_000);
      const { port, arrived } = await mailServer(security === 'tls');
      assert.match(await send(smtp(port, security)), /NOTIFICATION_FAILED: to duty: .*self-signed certificate/);
      assert.deepEqual(arrived, []);
      assert.equal(await send(smtp(port, security, { caFile: join(folder, 'ca.pem') })), 'sent');
      assert.deepEqual(arrived, ['encrypted bms:pass-word a@example.org b@example.org']);
    });
  }

  it('sends nothing in the clear to a server that does not offer encryption', async function () {
    this.timeout(20_000);
    const { port, arrived } = await mailServer(false, false);
    assert.match(await send(smtp(port, 'starttls', { caFile: join(folder, 'ca.pem') })), /^NOTIFICATION_FAILED/);
    assert.deepEqual(arrived, []);
  });

  it('says whether a mail may have arrived: only where the server had all of it and said nothing', async function () {
    this.timeout(20_000);
    // A mail server that ends as it is told: before the message, after it without a word, or with a refusal.
    let ending: 'at RCPT' | 'at its end' | 'refused' = 'at RCPT';
    const server = createTcpServer((socket) => {
      let isMessage = false;
      socket.on('error', () => undefined);
      socket.write('220 test\r\n');
      socket.on('data', (chunk: Buffer) => {
        const said = chunk.toString('latin1');
        if (isMessage && said.endsWith('\r\n.\r\n')) {
          if (ending === 'refused') socket.write('554 no\r\n');
          else socket.destroy();
        } else if (said.startsWith('RCPT') && ending === 'at RCPT') socket.destroy();
        else if (said.startsWith('DATA')) {
          isMessage = true;
          socket.write('354 go on\r\n');
        } else if (!isMessage) socket.write('250 ok\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(async () => new Promise((resolve) => server.close(() => resolve())));
    const settings: MessengerSettings = { smtp: { host: '127.0.0.1', port: (server.address() as AddressInfo).port, security: 'off', from: 'bms@example.org' } };
    assert.match(await send(settings), /^NOTIFICATION_FAILED: .*[^?]$/);
    ending = 'refused';
    assert.match(await send(settings), /^NOTIFICATION_FAILED: .*554 no$/);
    ending = 'at its end';
    assert.match(await send(settings), /^NOTIFICATION_FAILED: to duty: the mail server took the message and did not answer: .* \?$/);
    for (const end of ends.splice(0)) await end();
    assert.match(await send(settings), /^NOTIFICATION_FAILED: .*[^?]$/, 'nobody is there');
  });

  it('posts webhooks with their token and id, and says what the receiver answered', async () => {
    const got: { headers: IncomingHttpHeaders; body: Record<string, unknown> }[] = [];
    let status = 204;
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      request.on('end', () => {
        got.push({ headers: request.headers, body: JSON.parse(text) as Record<string, unknown> });
        response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(async () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }));
    const settings = { webhooks: { ops: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, tokenFile: join(folder, 'secret') } } };
    const post = async (more: Partial<Notification> = {}): Promise<string> => messenger(settings).send({ ...NOTE, ...more }, { name: 'ops', webhook: 'ops' }, 'Tower').then(() => 'sent', failure);
    assert.equal(await post({ possibleRepeat: true }), 'sent');
    const { headers, body } = got[0]!;
    assert.deepEqual([headers.authorization, headers['idempotency-key'], headers['content-type']], ['Bearer pass-word', `"${NOTE.id}"`, 'application/json']);
    assert.deepEqual([body.site, body.event, body.id, body.possibleRepeat, body.time, (body.alarm as { name: string }).name], ['Tower', 'raised', NOTE.id, true, '1970-01-01T00:00:01.000Z', ALARM.name]);
    status = 500;
    assert.equal(await post(), 'NOTIFICATION_FAILED: webhook ops answered 500 ?');
    status = 404;
    assert.equal(await post(), 'NOTIFICATION_FAILED: webhook ops answered 404');
    status = 302;
    assert.equal(await post(), 'NOTIFICATION_FAILED: webhook ops answered 302');
    assert.equal(got.length, 4, 'it does not follow where it is sent');
    server.once('request', (request) => request.socket.destroy());
    assert.match(await post(), /^NOTIFICATION_FAILED: to ops: webhook ops did not answer: .* \?$/);
    for (const end of ends.splice(0)) await end();
    assert.match(await post(), /^NOTIFICATION_FAILED: .*[^?]$/, 'nobody is there');
  });
});
