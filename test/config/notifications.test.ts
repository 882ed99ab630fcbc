import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loadNode } from '../../src/config/load-node.js';
import { problemsOf, siteOf, siteWith } from './fake-driver.js';

const HOUR = 3_600_000;

describe('config: notifications', () => {
  it('reads recipients and routes', () => {
    const { notifications } = siteOf(siteWith(`areas: {Tower: {}}
notifications:
  recipients: {duty: {email: [a@x.org, b@x.org]}, ops: {webhook: ops}}
  routes:
    - {to: [duty], classes: [hvac], priorities: [1, 2], areas: [Tower], on: [raised, returned], quiet: {from: "22:00", to: "06:00"}, escalate: [{after: 10min, to: [ops]}]}
    - {to: [ops]}
`));
    assert.deepEqual(notifications, {
      timezone: 'Europe/Berlin',
      recipients: [{ name: 'duty', emails: ['a@x.org', 'b@x.org'] }, { name: 'ops', webhook: 'ops' }],
      routes: [
        { to: ['duty'], classes: ['hvac'], priorities: [1, 2], areas: ['Tower'], on: ['raised', 'returned'], quiet: { fromMs: 22 * HOUR, toMs: 6 * HOUR }, escalate: [{ afterMs: 600_000, to: ['ops'] }] },
        { to: ['ops'], on: ['raised'], escalate: [] },
      ],
    });
  });

  it('names each mistake', () => {
    const problems = problemsOf(siteWith(`areas: {Tower: {}}
notifications:
  recipients: {duty: {email: nobody}, both: {email: a@x.org, webhook: w}}
  routes:
    - {to: [dutty]}
    - {to: [both], areas: [Towr], quiet: {from: "25:00", to: "06:00"}}
    - {to: [both], on: [returned], escalate: [{after: 10min, to: [both]}, {after: 5min, to: [both]}]}
`)).map((line) => line.replace(/^site\.yaml:\d+:\d+ error /, ''));
    const expected = [/^CONFIG_INVALID notifications\.recipients\.duty\.email/, /^CONFIG_INVALID notifications\.recipients\.both: needs `email` or `webhook`/, /^CONFIG_REFERENCE notifications\.routes\[0\]\.to\[0\]: there is no recipient `dutty`; did you mean `duty`/, /^CONFIG_REFERENCE notifications\.routes\[1\]\.areas\[0\]: there is no area `Towr`/, /^CONFIG_INVALID notifications\.routes\[1\]\.quiet\.from: must be a time of the day/, /^CONFIG_CLASH notifications\.routes\[2\]\.escalate: escalates what is raised/, /^CONFIG_INVALID notifications\.routes\[2\]\.escalate\[1\]\.after: must be later/];
    assert.equal(problems.length, expected.length, problems.join('\n'));
    for (const pattern of expected) assert.ok(problems.some((line) => pattern.test(line)), `${String(pattern)}\n${problems.join('\n')}`);
  });

  it('keeps how a machine sends, and its secrets, in the node document', () => {
    const node = 'node: {id: A, mode: independent, data: d, listen: {console: "127.0.0.1:1"}}\n';
    const { node: read, problems } = loadNode({ path: '/etc/tandem/node.yaml', text: `${node}notifications: {smtp: {host: mail, from: a@x.org, user: u, passwordFile: smtp.key}, webhooks: {ops: {url: "https://x.org/h", tokenFile: /run/t}}}\n` }, 0);
    assert.deepEqual(problems, []);
    assert.deepEqual(read?.config.notifications, {
      smtp: { host: 'mail', port: 587, security: 'starttls', from: 'a@x.org', user: 'u', passwordFile: join('/etc/tandem', 'smtp.key') },
      webhooks: { ops: { url: 'https://x.org/h', tokenFile: '/run/t' } },
    });
    const clear = loadNode({ path: 'node.yaml', text: `${node}notifications: {smtp: {host: mail, from: a@x.org, user: u, security: off}, webhooks: {ops: {url: "ftp://x"}}}\n` }, 0).problems;
    assert.deepEqual(clear.map(({ code, path }) => [code, path]), [['CONFIG_INVALID', 'notifications.webhooks.ops.url']]);
    const sent = loadNode({ path: 'node.yaml', text: `${node}notifications: {smtp: {host: mail, from: a@x.org, user: u, security: off}}\n` }, 0).problems;
    assert.deepEqual(sent.map(({ code, severity }) => [code, severity]), [['CONFIG_UNSAFE', 'warning']]);
  });
});
