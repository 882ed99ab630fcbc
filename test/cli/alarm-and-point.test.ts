import assert from 'node:assert/strict';
import { alarm } from '../../src/cli/alarm.js';
import type { Command } from '../../src/cli/command.js';
import { notification } from '../../src/cli/notification.js';
import { point } from '../../src/cli/point.js';
import { TandemError } from '../../src/contract/index.js';
import { FakeNode, TOKEN, demoTable } from '../clients/fake-node.js';

describe('command line: alarms and points', () => {
  let node: FakeNode;

  beforeEach(async () => {
    node = new FakeNode('A', demoTable());
    await node.server.start();
    node.activate(1);
    node.set({ N0: 21.5, 'Fan.Mode': 1 });
    node.raise({ name: 'N0.high', point: 'N0', state: 'unacknowledged', priority: 2, class: 'general', message: 'N0 above 20', sinceMs: 1_000, occurrence: 3 });
    node.raise({ name: 'Calm', point: 'N1', state: 'normal', priority: 3, class: 'general', message: '', sinceMs: 1_000, occurrence: 1 });
  });

  afterEach(async () => node.server.stop());

  /** What it prints; the code of its error. */
  const run = async (command: Command, ...args: string[]): Promise<string> => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string): void => void lines.push(line);
    try {
      await command.run([...args, '--url', node.server.url, '--token', TOKEN]);
    } catch (error) {
      if (error instanceof TandemError) return error.code;
      throw error;
    } finally {
      console.log = log;
    }
    return lines.join('\n');
  };

  it('lists what is not normal, and acknowledges and shelves it', async () => {
    assert.equal(await run(alarm), '2 unacknowledged           1970-01-01T00:00:01.000Z N0.high#3: N0 above 20');
    assert.match(await run(alarm, 'list', '--all'), /Calm#1/);
    assert.equal(await run(alarm, 'list', '--priority', '4'), '');
    assert.equal(await run(alarm, 'ack', 'N0.high', '--note', 'seen'), 'N0.high: ack, unprotected');
    assert.equal(await run(alarm, 'shelve', 'N0.high', '--for', '2h'), 'N0.high: shelve, unprotected');
    assert.equal(await run(alarm, 'mute', '--area', 'Tower', '--for', '1h'), 'Tower: muted, unprotected');
    assert.deepEqual(node.actions.map((action) => ({ ...action, by: undefined })), [
      { kind: 'acknowledge', alarm: 'N0.high', occurrence: 3, note: 'seen', by: undefined },
      { kind: 'shelve', alarm: 'N0.high', forMs: 7_200_000, by: undefined },
      { kind: 'mute', scope: { area: 'Tower' }, forMs: 3_600_000, by: undefined },
    ]);
    assert.match(await run(alarm, 'journal', '--limit', '5'), /N0\.high \(unacknowledged\)/);
  });

  it('shows which messages wait and what became of others, sends one now and gives one up', async () => {
    assert.equal(await run(notification), '7.1.2.0/duty to duty: N0.high raised, not before 1970-01-01T00:00:31.000Z, tried 2 times: the mail server does not answer');
    assert.equal(await run(notification, 'list', '--log'), '1970-01-01T00:00:02.000Z given-up 7.1.1.0/boss to boss: N0.high raised, by ann: on holiday');
    assert.equal(await run(notification, 'send', '7.1.2.0/duty'), '7.1.2.0/duty: send, unprotected');
    assert.equal(await run(notification, 'give-up', '7.1.2.0/duty', '--note', 'known'), '7.1.2.0/duty: give-up, unprotected');
    assert.deepEqual(node.messageActions.map(({ kind, id, note }) => [kind, id, note]), [['send', '7.1.2.0/duty', undefined], ['give-up', '7.1.2.0/duty', 'known']]);
    assert.deepEqual([await run(notification, 'send'), await run(notification, 'drop', 'x'), await run(notification, 'send', 'gone')], ['USAGE', 'USAGE', 'NOTIFICATION_UNKNOWN']);
  });

  it('says what is wrong with what was asked', async () => {
    assert.deepEqual([await run(alarm, 'ack'), await run(alarm, 'kill', 'x'), await run(alarm, 'ack', 'Nothing'), await run(alarm, 'shelve', 'N0.high')], ['USAGE', 'USAGE', 'ALARM_UNKNOWN', 'CLIENT_MALFORMED']);
    assert.deepEqual([await run(point, 'get'), await run(point, 'write', 'N0'), await run(point, 'get', 'Nowhere'), await run(point, 'write', 'N0', 'warm')], ['USAGE', 'USAGE', 'POINT_UNKNOWN', 'VALUE_INVALID']);
  });

  it('shows, commands and overrides points', async () => {
    assert.equal(await run(point, 'get', 'Fan.Mode'), 'Fan.Mode low good 1970-01-01T00:00:01.000Z');
    assert.match(await run(point, 'priorities', 'Fan.Mode'), /^\* {2}8 2 by ann since .*: test\n {2}16 1\n {2}relinquish default 0$/);
    assert.equal(await run(point, 'write', 'N0', '7', '--priority', '9'), 'N0: done, unprotected');
    assert.equal(await run(point, 'override', 'Fan.Mode', 'high', '--for', '2h', '--reason', 'belt'), 'Fan.Mode: done, unprotected');
    await run(point, 'relinquish', 'N0', '--priority', '9');
    await run(point, 'release', 'Fan.Mode');
    assert.deepEqual(node.writes.map(({ point: of, value, priority, reason }) => [of, value, priority, reason]), [['N0', 7, 9, undefined], ['Fan.Mode', 2, 8, 'belt'], ['N0', null, 9, undefined], ['Fan.Mode', null, 8, undefined]]);
    await run(point, 'out-of-service', 'N0', '--reason', 'r');
    await run(point, 'in-service', 'N0');
    assert.deepEqual(node.pointActions.map(({ kind }) => kind), ['take-out-of-service', 'return-to-service']);
    node.overridden = [{ point: 'N0', kind: 'out-of-service', by: 'ann', sinceMs: 0, reason: 'r' }];
    assert.equal(await run(point, 'overrides'), 'N0\tout-of-service\tby ann since 1970-01-01T00:00:00.000Z: r');
  });
});
