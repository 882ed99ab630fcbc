import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { freePorts, until } from './processes.js';
import { answers, Rig, type Run } from './rig.js';

/** A real mail server that answers what it has read when it is told to. */
class MailServer {
  readonly mails: string[] = [];
  readonly users: string[] = [];
  holds = true;
  private readonly server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      this.users.push(`${username ?? ''}:${password ?? ''}`);
      done(null, { user: username ?? '' });
    },
    onData: (stream, _session, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      stream.on('end', () => {
        this.mails.push(text);
        if (!this.holds) done();
      });
    },
  });

  async listen(): Promise<number> {
    // (A client that is killed is an error to the server, and none to the test.)
    this.server.on('error', () => undefined);
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(resolve));
  }
}

describe('notifications by mail, over `kill -9` between sending and knowing', function () {
  this.timeout(120_000);
  const rig = new Rig();
  const mailServer = new MailServer();
  after(async () => {
    await rig.stop();
    await mailServer.close();
  });

  it('sends it again under the same message id, marked, and then never again', async () => {
    const port = await mailServer.listen();
    const [web = 0, dead = 0] = await freePorts(2);
    const site = rig.write('site.yaml', [
      'site: {name: s, timezone: UTC}',
      `devices: {plc: {driver: modbus-tcp, host: 127.0.0.1, port: ${dead}}}`,
      'points: {T: {device: plc, at: "hr:0", type: int16}}',
      'communicationAlarms: {onDelay: 500ms, priority: 1}',
      'notifications: {recipients: {duty: {email: duty@example.org}}, routes: [{to: [duty], priorities: [1]}]}',
    ].join('\n'));
    rig.write('password', 'secret\n');
    const start = async (): Promise<Run> => {
      const run = rig.node(site, { id: 'A', mode: 'independent', console: web, blocks: `notifications: {smtp: {host: 127.0.0.1, port: ${port}, security: off, from: bms@example.org, user: bms, passwordFile: password}}` });
      await answers(`http://127.0.0.1:${web}`, run);
      return run;
    };
    const idOf = (mail: string | undefined): string | undefined => /^message-id: (.+)$/im.exec(mail ?? '')?.[1]?.trim();
    const state = async (): Promise<{ pending: unknown[]; log: { data: { what: string; possibleRepeat?: boolean } }[] }> =>
      (await (await fetch(`http://127.0.0.1:${web}/api/v1/notifications`)).json()) as Awaited<ReturnType<typeof state>>;

    const first = await start();
    await until('the server has read the mail', () => (mailServer.mails.length === 1 ? true : undefined), 30_000);
    first.child.kill('SIGKILL');
    await first.exit();
    mailServer.holds = false;
    await start();
    await until('it is sent again', () => (mailServer.mails.length === 2 ? true : undefined), 30_000);
    const { log } = await until('it is known to be sent', async () => ((await state()).pending.length === 0 ? state() : undefined));
    assert.deepEqual(log.map(({ data }) => [data.what, data.possibleRepeat]), [['sent', true]]);
    const [one, two] = mailServer.mails;
    assert.match(one ?? '', /^subject: s: communication\/plc raised, priority 1/im);
    assert.doesNotMatch(one ?? '', /possible.repeat/i);
    assert.match(two ?? '', /^subject: \[possible repeat\]/im);
    assert.match(two ?? '', /^x-tandem-possible-repeat: yes/im);
    assert.ok(idOf(one) !== undefined && idOf(one) === idOf(two));
    assert.deepEqual(new Set(mailServer.users), new Set(['bms:secret']));
  });
});
