import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { freePorts, redundancyOf, until } from './processes.js';
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
    const second = await start();
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
    assert.equal(await second.stop(), 0, second.stderr);
  });

  it('goes out again from the other node, marked, when the mail server dies before its answer and then the node that had sent it; what a person has given up does not', async () => {
    const [smtp = 0, webA = 0, webB = 0, linkA = 0, linkB = 0, dead = 0] = await freePorts(6);
    const mails = async (how: 'takes' | 'hangs'): Promise<Run & { readonly read: () => string[] }> => {
      const run = rig.script('test/system/mail-server-child.js', String(smtp), how);
      await until('the mail server listens', () => (run.stdout.startsWith('ready') ? true : undefined));
      return Object.assign(run, { read: () => run.stdout.trim().split('\n').slice(1).map((line) => JSON.parse(line) as string) });
    };
    const site = rig.write('pair.yaml', [
      'site: {name: s, timezone: UTC}',
      'redundancy: {pingRate: 100ms, failoverTime: 1s, connectionWait: 2s}',
      `devices: {plc: {driver: modbus-tcp, host: 127.0.0.1, port: ${dead}}}`,
      'points: {T: {device: plc, at: "hr:0", type: int16}, On: {type: boolean, write: {relinquishDefault: false}}}',
      'alarms: {Alarm: {point: On, high: 0.5, priority: 1, class: plant}}',
      'notifications: {recipients: {duty: {email: duty@example.org}, boss: {email: boss@example.org}}, routes: [{to: [duty, boss], classes: [plant]}]}',
    ].join('\n'));
    const blocks = `notifications: {smtp: {host: 127.0.0.1, port: ${smtp}, security: off, from: bms@example.org}}`;
    const urls = [`http://127.0.0.1:${webA}`, `http://127.0.0.1:${webB}`] as const;
    const main = rig.node(site, { id: 'A', mode: 'main', console: webA, link: linkA, partner: { id: 'B', port: linkB }, data: 'main', blocks });
    const backup = rig.node(site, { id: 'B', mode: 'backup', console: webB, link: linkB, partner: { id: 'A', port: linkA }, data: 'backup', blocks });
    const hanging = await mails('hangs');
    await answers(urls[0], main);
    await answers(urls[1], backup);
    await until('the pair is protected', async () => ((await redundancyOf(urls[0]))?.protected === true ? true : undefined), 60_000);
    interface Outbox { readonly pending: { readonly id: string; readonly to: string; readonly attempt: number; readonly possibleRepeat?: boolean; readonly error?: string }[]; readonly log: { readonly data: { readonly what: string; readonly to: string; readonly by?: string; readonly possibleRepeat?: boolean } }[] }
    const outbox = async (url: string): Promise<Outbox> => (await (await fetch(`${url}/api/v1/notifications`)).json()) as Outbox;

    const wrote = await fetch(`${urls[0]}/api/v1/points/On`, { method: 'PUT', headers: { 'authorization': 'Bearer t', 'content-type': 'application/json' }, body: JSON.stringify({ value: true }) });
    assert.equal(wrote.status, 200, await wrote.text());
    const [one] = await until('the server has read all of both mails', () => (hanging.read().length > 1 ? hanging.read().filter((mail) => /^to: duty@/im.test(mail)) : undefined));
    hanging.child.kill('SIGKILL');
    await hanging.exit();
    const pending = await until('both nodes know that they may have arrived', async () => {
      const { pending: all } = await outbox(urls[1]);
      return all.length > 0 && all.every(({ attempt }) => attempt > 0) ? all : undefined;
    });
    const waits = pending.find(({ to }) => to === 'duty');
    const given = pending.find(({ to }) => to === 'boss');
    const giveUp = async (): Promise<Response> => fetch(`${urls[0]}/api/v1/notifications/${encodeURIComponent(given?.id ?? '')}/give-up`, { method: 'POST', headers: { 'authorization': 'Bearer t', 'content-type': 'application/json' }, body: '{"note":"on holiday"}' });
    const first = await giveUp();
    assert.deepEqual([first.status, await first.json()], [200, { held: 'protected' }]);
    const again = await giveUp();
    assert.deepEqual([again.status, ((await again.json()) as { code: string }).code], [409, 'NOTIFICATION_SETTLED']);
    const audited = await until('the audit has both', async () => {
      const { entries } = (await (await fetch(`${urls[0]}/api/v1/audit?limit=5`, { headers: { authorization: 'Bearer t' } })).json()) as { entries: { readonly action: string; readonly target: string; readonly outcome: string }[] };
      const found = entries.filter(({ action }) => action === 'notification-give-up');
      return found.length > 1 ? found : undefined;
    });
    assert.deepEqual(audited.map(({ target, outcome }) => [target, outcome]), [[given?.id, 'refused'], [given?.id, 'done']]);
    assert.deepEqual([waits?.attempt, waits?.possibleRepeat], [1, true], waits?.error);
    const taking = await mails('takes');
    main.child.kill('SIGKILL');
    const [two] = await until('the other node sends it', () => (taking.read().length > 0 ? taking.read() : undefined), 30_000);
    const { log } = await until('it is known to be sent', async () => {
      const told = await outbox(urls[1]);
      return told.pending.length === 0 && told.log.length > 1 ? told : undefined; // (the log is read from the disk)
    });
    assert.deepEqual(log.map(({ data }) => [data.what, data.to, data.possibleRepeat]), [['sent', 'duty', true], ['given-up', 'boss', true]]);
    assert.equal(taking.read().length, 1);
    const idOf = (mail = ''): string | undefined => /^message-id: (.+)$/im.exec(mail)?.[1]?.trim();
    assert.ok(idOf(one) !== undefined && idOf(one) === idOf(two), `${String(one)}\n${String(two)}`);
    assert.doesNotMatch(one ?? '', /possible.repeat/i);
    assert.match(two ?? '', /^subject: \[possible repeat\] s: Alarm raised/im);
  });
});
