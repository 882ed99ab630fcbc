import assert from 'node:assert/strict';
import { TandemError, type AlarmDefinition, type Notification, type NotificationRoute, type NotificationSettings } from '../../src/contract/index.js';
import type { NotificationEffects } from '../../src/functions/index.js';
import { alarmOn, FunctionsWorld } from './functions-world.js';

const MIN = 60_000;
const HOUR = 60 * MIN;

/** Answers each message as told; what is sent and not answered waits. */
class Post {
  readonly sent: Notification[] = [];
  readonly waiting: { readonly message: Notification; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  holds = false;
  fails: TandemError | undefined;

  async send(message: Notification): Promise<void> {
    if (this.fails !== undefined) throw this.fails;
    this.sent.push(message);
    if (this.holds) await new Promise<void>((resolve, reject) => this.waiting.push({ message, resolve, reject }));
  }
}

function world(route: Partial<NotificationRoute>, post: Post, startMs?: number): FunctionsWorld {
  const settings: NotificationSettings = { timezone: 'Europe/Berlin', recipients: [{ name: 'duty', emails: ['d@x.org'] }, { name: 'boss', emails: ['b@x.org'] }], routes: [{ to: ['duty'], on: ['raised'], escalate: [], ...route }] };
  return new FunctionsWorld({
    alarms: [alarmOn(0, { name: 'a', priority: 1, class: 'hvac', area: 'Tower/F1' }), alarmOn(1, { name: 'fire', class: 'fire', lifeSafety: true, priority: 1 }), alarmOn(2, { name: 'low', priority: 4 })],
    notifications: { settings, effects: post },
    ...(startMs === undefined ? {} : { startMs }),
  });
}

/** Lets what was begun outside of the frames come to its end, and the frames see it. */
async function settled(of: FunctionsWorld): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    of.here.publisher.tick();
  }
}
const told = (post: Post): string[] => post.sent.map(({ to, event, alarm, escalation, possibleRepeat }) => [to, event, alarm.name, ...(escalation === undefined ? [] : [`+${escalation}`]), ...(possibleRepeat === true ? ['again'] : [])].join(' '));

describe('notifications', () => {
  it('go by class, priority and area, to each recipient once, and are in the log', async () => {
    const post = new Post();
    const of = world({ priorities: [1], areas: ['Tower'], on: ['raised', 'acknowledged', 'returned'], to: ['duty', 'boss'] }, post);
    for (const point of [0, 1, 2]) of.set(point, 31);
    await settled(of);
    of.acknowledge('a', 1, 'on my way');
    of.set(0, 20);
    await settled(of);
    assert.deepEqual(told(post), ['duty raised a', 'boss raised a', 'duty acknowledged a', 'boss acknowledged a', 'duty returned a', 'boss returned a']);
    assert.deepEqual([post.sent[2]?.by, post.sent[2]?.note], ['ann', 'on my way']);
    assert.equal(new Set(post.sent.map(({ id }) => id)).size, 6);
    assert.deepEqual(of.keys('outbox/'), []);
    assert.equal(of.frames.flatMap(({ logs }) => logs).filter(({ kind }) => kind === 'notification').length, 6);
  });

  it('are in the frame of their alarm before anything leaves', () => {
    const of = world({}, new Post());
    of.set(0, 31);
    const frame = of.frames.at(-1)!;
    assert.ok(frame.puts.some(({ key }) => key.startsWith('outbox/')) && frame.logs.some(({ kind }) => kind === 'alarm'));
  });

  it('are neither lost nor silently repeated by a takeover', async () => {
    const post = new Post();
    post.holds = true;
    const of = world({}, post);
    of.set(0, 31);
    await settled(of);
    of.failover();
    await settled(of);
    assert.deepEqual(told(post), ['duty raised a', 'duty raised a again']);
    assert.equal(post.sent[0]?.id, post.sent[1]?.id);
    post.waiting[1]?.resolve();
    await settled(of);
    of.failover();
    await settled(of);
    assert.equal(post.sent.length, 2, 'what is known to be sent is not sent again');
    assert.deepEqual(of.keys('outbox/'), []);
    assert.ok(of.sameOnBoth());
  });

  it('are marked as a possible repeat where the server did not answer, and only there; the node that takes over tries at once', async () => {
    const post = new Post();
    const of = world({}, post);
    post.fails = new TandemError('NOTIFICATION_FAILED', 'refused');
    of.set(0, 31);
    await settled(of);
    of.failover();
    await settled(of);
    const [pending] = of.keys('outbox/').map((key) => of.here.state.keyed.get(key) as { attempt: number; possibleRepeat?: true });
    assert.deepEqual([pending?.attempt, pending?.possibleRepeat], [2, undefined], 'tried again by the other node without a wait, and certainly not there yet');
    post.fails = new TandemError('NOTIFICATION_FAILED', 'no answer', { details: { mayHaveArrived: true } });
    of.failover();
    await settled(of);
    post.fails = undefined;
    await settled(of);
    assert.deepEqual(told(post), [], 'it waits');
    of.failover();
    await settled(of);
    assert.deepEqual(told(post), ['duty raised a again']);
    const log = of.frames.flatMap(({ logs }) => logs).filter(({ kind }) => kind === 'notification');
    assert.deepEqual(log.map(({ data }) => [(data as { what: string }).what, (data as { possibleRepeat?: true }).possibleRepeat]), [['sent', true]]);
  });

  it('escalate at their time, over a takeover, unless somebody acknowledges', async () => {
    const post = new Post();
    const of = world({ escalate: [{ afterMs: 10 * MIN, to: ['boss'] }, { afterMs: 30 * MIN, to: ['boss', 'duty'] }] }, post);
    of.set(0, 31);
    await settled(of);
    of.tickTo(9 * MIN, MIN);
    of.failover();
    of.tickTo(11 * MIN, MIN);
    await settled(of);
    assert.deepEqual(told(post), ['duty raised a', 'boss raised a +1']);
    of.acknowledge('a', 1);
    of.tickTo(60 * MIN, MIN);
    await settled(of);
    assert.equal(post.sent.length, 2);
    assert.deepEqual(of.keys('escalation/'), []);
  });

  it('do not escalate, nor tell what is said of an alarm that is muted by then', async () => {
    const post = new Post();
    const of = world({ on: ['raised', 'acknowledged'], escalate: [{ afterMs: 10 * MIN, to: ['boss'] }] }, post);
    of.set(0, 31);
    await settled(of);
    of.act({ kind: 'mute', scope: { area: 'Tower' }, forMs: 20 * MIN });
    of.tickTo(15 * MIN, MIN);
    // As of a device that detects its alarms itself, which goes on reporting.
    of.here.publisher.record([], [{ kind: 'alarm', data: { ...(of.alarm('a') as unknown as Record<string, never>), event: 'acknowledged' } }]);
    await settled(of);
    assert.deepEqual([told(post), of.keys('escalation/')], [['duty raised a'], []]);
    of.tickTo(31 * MIN, MIN);
    await settled(of);
    assert.deepEqual(told(post), ['duty raised a', 'duty raised a', 'boss raised a +1'], 'it holds when the mute ends: raised anew, and escalated from then on');
  });

  it('keep quiet hours, but not of life safety', async () => {
    const post = new Post();
    // 23:00 in Berlin.
    const of = world({ quiet: { fromMs: 22 * HOUR, toMs: 6 * HOUR } }, post, Date.UTC(2026, 0, 5, 22));
    of.set(0, 31);
    of.set(1, 31);
    await settled(of);
    assert.deepEqual(told(post), ['duty raised fire']);
    of.tickTo(6 * HOUR + 59 * MIN, MIN);
    await settled(of);
    assert.equal(post.sent.length, 1);
    of.failover();
    of.tickTo(7 * HOUR, MIN);
    await settled(of);
    assert.deepEqual(told(post), ['duty raised fire', 'duty raised a']);
  });

  it('are sent at once or given up where a person says so, over a takeover, and not while they are on their way', async () => {
    const post = new Post();
    // 23:00 in Berlin.
    const of = world({ to: ['duty', 'boss'], quiet: { fromMs: 22 * HOUR, toMs: 6 * HOUR } }, post, Date.UTC(2026, 0, 5, 22));
    of.set(0, 31);
    await settled(of);
    assert.deepEqual(told(post), []);
    const [toDuty = '', toBoss = ''] = of.keys('outbox/').map((key) => key.slice('outbox/'.length));
    assert.equal(of.actOnMessage({ kind: 'give-up', id: toBoss, note: 'on holiday' }), 'ok');
    post.holds = true;
    assert.equal(of.actOnMessage({ kind: 'send', id: toDuty }), 'ok');
    assert.deepEqual((of.here.state.keyed.get(`outbox/${toDuty}`) as { sending?: true; askedBy?: string }).sending, true, 'in the very frame');
    await settled(of);
    assert.deepEqual(told(post), ['duty raised a']);
    assert.deepEqual([of.actOnMessage({ kind: 'send', id: toDuty }), of.actOnMessage({ kind: 'give-up', id: toDuty })], ['NOTIFICATION_SENDING', 'NOTIFICATION_SENDING']);
    post.waiting[0]?.reject(new TandemError('NOTIFICATION_FAILED', 'refused'));
    await settled(of);
    of.failover();
    post.holds = false;
    await settled(of);
    assert.deepEqual(told(post), ['duty raised a', 'duty raised a'], 'what a person has asked for is night or day');
    assert.deepEqual([of.actOnMessage({ kind: 'send', id: toDuty }), of.actOnMessage({ kind: 'give-up', id: toBoss })], ['NOTIFICATION_UNKNOWN', 'NOTIFICATION_UNKNOWN']);
    assert.deepEqual(of.keys('outbox/'), []);
    const logs = of.frames.flatMap(({ logs: entries }) => entries).filter(({ kind }) => kind === 'notification').map(({ data }) => data as { what: string; id: string; by?: string; reason?: string });
    assert.deepEqual(logs.map(({ what, id, by, reason }) => [what, id, by, reason]), [['given-up', toBoss, 'ann', 'on holiday'], ['sent', toDuty, undefined, undefined]]);
    assert.ok(of.sameOnBoth());
  });

  it('of which a person wants one now goes before the others', async () => {
    const post = new Post();
    post.fails = new TandemError('NOTIFICATION_FAILED', 'refused');
    const of = world({}, post);
    for (const point of [0, 1, 2]) of.set(point, 31);
    await settled(of);
    post.fails = undefined;
    post.holds = true;
    const ids = of.keys('outbox/').map((key) => key.slice('outbox/'.length));
    assert.equal(ids.length, 3);
    assert.equal(of.actOnMessage({ kind: 'send', id: ids[2]! }), 'ok');
    of.tickTo(MIN);
    await settled(of);
    assert.deepEqual(post.sent.map(({ id }) => id), [ids[2], ids[1], ids[0]], 'then what concerns lives');
  });

  it('are tried again ever more slowly, alarmed, and given up after a day', async () => {
    const post = new Post();
    post.fails = new TandemError('NOTIFICATION_FAILED', 'connection refused');
    const of = world({}, post);
    of.set(0, 31);
    await settled(of);
    for (let minute = 1; minute <= 5; minute++) {
      of.tickTo(minute * MIN, 10_000);
      await settled(of);
    }
    assert.equal(of.alarm('system/notifications')?.state, 'unacknowledged');
    assert.match(of.alarm('system/notifications')?.message ?? '', /connection refused/);
    for (let hour = 1; hour <= 25; hour++) {
      of.tickTo(hour * HOUR, HOUR);
      await settled(of);
    }
    assert.deepEqual(of.keys('outbox/'), []);
    assert.notEqual(of.alarm('system/notifications')?.active, true);
    const logs = of.frames.flatMap(({ logs: entries }) => entries).filter(({ kind }) => kind === 'notification');
    assert.deepEqual(logs.map(({ data }) => (data as { what: string }).what), ['given-up']);
  });

  const alarms = (count: number): AlarmDefinition[] => Array.from({ length: count }, (_, point) => alarmOn(point, { name: `a${point}`, priority: 3 }));
  const settings = (values: Partial<NotificationSettings>): NotificationSettings => ({ timezone: 'UTC', recipients: [{ name: 'duty', emails: ['d@x.org'] }, { name: 'boss', emails: ['b@x.org'] }, { name: 'tickets', webhook: 'tickets' }], routes: [], ...values });

  it('to a receiver that hangs keep only each other waiting; what concerns lives, then the lowest priority number goes first', async () => {
    const post = new Post();
    post.holds = true;
    const of = new FunctionsWorld({
      points: 12,
      alarms: [...alarms(10), alarmOn(10, { name: 'urgent', priority: 1 }), alarmOn(11, { name: 'fire', class: 'fire', lifeSafety: true, priority: 2 })],
      notifications: { settings: settings({ routes: [{ to: ['tickets'], on: ['raised'], priorities: [3], escalate: [] }, { to: ['duty'], on: ['raised'], escalate: [] }] }), effects: post },
    });
    for (let point = 0; point < 10; point++) of.set(point, 31);
    await settled(of);
    assert.deepEqual(told(post), ['tickets raised a0', 'duty raised a0', 'tickets raised a1', 'duty raised a1', 'tickets raised a2', 'duty raised a2', 'tickets raised a3', 'duty raised a3']);
    of.set(10, 31);
    of.set(11, 31);
    for (const { message, resolve } of post.waiting.splice(0)) if (message.to === 'duty') resolve();
    await settled(of);
    assert.deepEqual(told(post).slice(8), ['duty raised fire', 'duty raised urgent', 'duty raised a4', 'duty raised a5'], 'no webhook has answered, and no mail waits for that');
  });

  it('on their way when the configuration changes are not sent again; one whose recipient is gone is given up, and says so', async () => {
    const post = new Post();
    post.holds = true;
    const underWay = new Map<string, Promise<void>>();
    // As the gateway does (src/gateway/notification-effects.ts).
    const effects: NotificationEffects = {
      send: async (message) => {
        const sending = underWay.get(message.id) ?? post.send(message);
        underWay.set(message.id, sending);
        await sending.finally(() => underWay.delete(message.id));
      },
      isSending: (id) => underWay.has(id),
    };
    const route: NotificationRoute = { to: ['duty', 'boss'], on: ['raised'], quiet: { fromMs: 0, toMs: 6 * HOUR }, escalate: [] };
    const of = new FunctionsWorld({ alarms: alarms(1), notifications: { settings: settings({ routes: [{ ...route, to: ['duty'] }] }), effects } });
    of.set(0, 31);
    await settled(of);
    of.restart({ alarms: alarms(1), notifications: { settings: settings({}), effects } });
    await settled(of);
    post.waiting[0]?.resolve();
    await settled(of);
    assert.deepEqual([told(post), of.keys('outbox/')], [['duty raised a0'], []]);
    const night = new FunctionsWorld({ startMs: Date.UTC(2026, 0, 5, 1), alarms: alarms(1), notifications: { settings: settings({ routes: [route] }), effects } });
    night.set(0, 31);
    night.restart({ alarms: alarms(1), notifications: { settings: settings({ recipients: [{ name: 'duty', emails: ['d@x.org'] }] }), effects } });
    night.tickTo(6 * HOUR, HOUR);
    await settled(night);
    const logs = night.frames.flatMap(({ logs: entries }) => entries).filter(({ kind }) => kind === 'notification').map(({ data }) => data as { what: string; to: string; reason?: string });
    assert.deepEqual(logs.map(({ what, to, reason }) => [what, to, reason]), [['given-up', 'boss', 'there is no recipient boss any more']]);
    assert.deepEqual(told(post).slice(1), ['duty raised a0']);
  });

  it('that nobody was there to send for a day (both nodes were off) are given up, unless a person wants one all the same', async () => {
    const post = new Post();
    post.fails = new TandemError('FENCED', 'alone');
    const of = world({ to: ['duty', 'boss'] }, post);
    of.set(0, 31);
    await settled(of);
    of.nowMs = 26 * HOUR;
    post.fails = undefined;
    const [toDuty = ''] = of.keys('outbox/').map((key) => key.slice('outbox/'.length));
    assert.equal(of.actOnMessage({ kind: 'send', id: toDuty }), 'ok');
    await settled(of);
    assert.deepEqual([told(post), of.keys('outbox/')], [['duty raised a'], []]);
    const log = of.frames.flatMap(({ logs }) => logs).filter(({ kind }) => kind === 'notification');
    assert.deepEqual(log.map(({ data }) => [(data as { what: string }).what, (data as { to: string }).to]).sort(), [['given-up', 'boss'], ['sent', 'duty']]);
  });

  it('escalate once while an alarm comes and goes, to whom it was planned though routes have moved, and not of what is gone or needs no acknowledgement', async () => {
    const post = new Post();
    const route: NotificationRoute = { to: ['tickets'], on: ['raised'], escalate: [{ afterMs: 10 * MIN, to: ['boss'] }] };
    const other: NotificationRoute = { to: ['tickets'], on: ['acknowledged'], classes: ['none'], escalate: [{ afterMs: 10 * MIN, to: ['duty'] }] };
    const definitions = [alarmOn(0, { name: 'stays' }), alarmOn(1, { name: 'goes' }), alarmOn(2, { name: 'information', acknowledge: 'none' })];
    const of = new FunctionsWorld({ alarms: definitions, notifications: { settings: settings({ routes: [route] }), effects: post } });
    for (const value of [31, 20, 31, 20, 31]) of.set(0, value);
    for (const point of [1, 2]) of.set(point, 31);
    await settled(of);
    of.restart({ alarms: definitions.filter(({ name }) => name !== 'goes'), notifications: { settings: settings({ routes: [other, route] }), effects: post } });
    of.tickTo(30 * MIN, MIN);
    await settled(of);
    assert.deepEqual(told(post).filter((line) => !line.startsWith('tickets')), ['boss raised stays +1']);
    assert.deepEqual(of.keys('escalation/'), []);
  });
});
