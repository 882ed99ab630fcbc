import assert from 'node:assert/strict';
import { TandemClient, type ClientState, type WebSocketLike } from '../../src/client-sdk/index.js';
import type { ServerMessage } from '../../src/contract/index.js';

/** A socket without network. */
class FakeSocket implements WebSocketLike {
  readonly sent: string[] = [];
  closed = false;
  private readonly listeners = new Map<string, (event: never) => void>();

  addEventListener(type: string, listener: (event: never) => void): void {
    this.listeners.set(type, listener);
  }

  send(data: string): void {
    this.sent.push(data);
  }

  close(): void {
    this.closed = true;
  }

  hear(message: ServerMessage | string): void {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    this.listeners.get('message')?.({ data } as never);
  }

  lose(): void {
    this.closed = true;
    this.listeners.get('close')?.({ code: 1006 } as never);
  }
}

/** Time that only the test moves. */
class ManualTime {
  now = 0;
  private readonly due: { at: number; run: () => void }[] = [];

  after(delayMs: number, run: () => void): { cancel(): void } {
    const entry = { at: this.now + delayMs, run };
    this.due.push(entry);
    return {
      cancel: () => {
        if (this.due.includes(entry)) this.due.splice(this.due.indexOf(entry), 1);
      },
    };
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.due.filter(({ at }) => at <= end).sort((x, y) => x.at - y.at)[0];
      if (next === undefined) break;
      this.due.splice(this.due.indexOf(next), 1);
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }
}

const epoch = { number: 1, node: 'a', nonce: 'n' };
const hello: ServerMessage = { type: 'hello', protocol: 1, site: 'Test', node: 'a', role: 'active', position: { epoch, seq: 1, revision: 'r' }, heartbeatMs: 1_000 };
const heartbeat: ServerMessage = { type: 'heartbeat', role: 'active', epoch, seq: 1 };

describe('client library: the connection to a node', () => {
  let time: ManualTime;
  let sockets: FakeSocket[];
  let client: TandemClient;
  let states: ClientState[];
  let chance: number;

  beforeEach(() => {
    time = new ManualTime();
    sockets = [];
    states = [];
    chance = 0.5;
    client = new TandemClient({
      urls: ['http://a:8080/'],
      points: ['*'],
      webSocket: (url) => {
        assert.equal(url, 'ws://a:8080/ws');
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
      now: () => time.now,
      timers: { after: (delayMs, run) => time.after(delayMs, run) },
      random: () => chance,
    });
    client.on('state', (state) => states.push(state));
    client.start();
  });

  const live = (): void => {
    sockets.at(-1)!.hear(hello);
    sockets.at(-1)!.hear({ type: 'snapshot', id: 'main', position: { epoch, seq: 1, revision: 'r' }, reset: false, points: [], values: [], alarms: [] });
  };

  it('drops a socket that is silent for three heartbeats, and resumes on a new one', () => {
    live();
    for (let i = 0; i < 10; i++) {
      time.pass(1_000);
      sockets[0]!.hear(heartbeat);
    }
    assert.equal(sockets.length, 1);
    time.pass(3_600);
    assert.ok(sockets[0]!.closed);
    assert.equal(sockets.length, 2);
    assert.deepEqual(states, ['live', 'offline']);
    sockets[1]!.hear(hello);
    assert.deepEqual(JSON.parse(sockets[1]!.sent[0]!), { type: 'subscribe', id: 'main', points: ['*'], resume: { epoch, seq: 1, revision: 'r' } });
    // What the old socket still says is not heard.
    sockets[0]!.hear({ type: 'heartbeat', role: 'active', epoch, seq: 99 });
    assert.equal(client.position!.seq, 1);
  });

  it('sends what is asked under the epoch that the node told last, in whatever message', async () => {
    live();
    const epochs = (): number[] => sockets[0]!.sent.map((text) => JSON.parse(text) as { type: string; epoch?: number }).filter(({ type }) => type === 'write').map((message) => message.epoch!);
    const next = { number: 3, node: 'a', nonce: 'm' };
    const writes = [client.write('P', 1)];
    sockets[0]!.hear({ type: 'changes', id: 'main', epoch: next, seq: 2, values: [] });
    writes.push(client.write('P', 2));
    sockets[0]!.hear({ type: 'snapshot', id: 'main', position: { epoch: { ...next, number: 4 }, seq: 3, revision: 'r' }, reset: true, points: [], values: [], alarms: [] });
    writes.push(client.write('P', 3));
    // What is of an epoch before it says nothing.
    sockets[0]!.hear({ type: 'changes', id: 'main', epoch: next, seq: 4, values: [] });
    writes.push(client.write('P', 4));
    assert.deepEqual(epochs(), [1, 3, 4, 4]);
    client.close();
    await Promise.allSettled(writes);
  });

  it('backs off while nobody answers, and starts anew after an answer', () => {
    const gaps: number[] = [];
    for (let i = 0; i < 10; i++) {
      const began = time.now;
      sockets.at(-1)!.lose();
      const count = sockets.length;
      while (sockets.length === count) time.pass(10);
      gaps.push(time.now - began);
    }
    assert.deepEqual(gaps, [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
    // By chance half as long, or half as long again: a thousand screens do not come back in one instant.
    for (const [drawn, expected] of [[0, 2_500], [0.99, 7_450]] as const) {
      chance = drawn;
      const [began, count] = [time.now, sockets.length];
      sockets.at(-1)!.lose();
      while (sockets.length === count) time.pass(10);
      assert.equal(time.now - began, expected);
    }
    chance = 0.5;
    live();
    sockets.at(-1)!.lose();
    time.pass(60);
    assert.equal(sockets.length, 14);
  });

  it('gives up a node that accepts and never says hello', () => {
    time.pass(6_000);
    assert.ok(sockets[0]!.closed);
    assert.equal(sockets.length, 2);
  });

  it('counts rows that went back or came late, and keeps what it holds', () => {
    sockets[0]!.hear(hello);
    const point = { index: 0, name: 'N0', kind: 'number', device: 'plc', writable: false } as const;
    const second = { ...point, index: 1, name: 'N1' };
    sockets[0]!.hear({ type: 'snapshot', id: 'main', position: { epoch, seq: 5, revision: 'r' }, reset: false, points: [point, second], values: [[0, 1, 0, 0, 5], [1, 1, 0, 0, 2]], alarms: [] });
    sockets[0]!.hear({ type: 'changes', id: 'main', epoch, seq: 6, values: [[0, 9, 0, 0, 4], [1, 2, 0, 0, 3]] });
    assert.equal(client.points.get('N0')!.value, 1);
    assert.equal(client.points.get('N1')!.value, 2);
    assert.deepEqual([client.counters.repeated, client.counters.missed], [1, 1]);
  });

  it('does not take what was under way from before its node lost control for the answer to a new subscription', () => {
    live();
    const point = { index: 0, name: 'N0', kind: 'number', device: 'plc', writable: false } as const;
    sockets[0]!.hear({ type: 'snapshot', id: 'main', position: { epoch, seq: 1, revision: 'r' }, reset: false, points: [point], values: [[0, 1, 0, 0, 1]], alarms: [] });
    sockets[0]!.hear({ type: 'role', role: 'standby', epoch });
    const later = { number: 3, node: 'a', nonce: 'm' };
    sockets[0]!.hear({ type: 'role', role: 'active', epoch: later });
    // A cut line brings it now.
    sockets[0]!.hear({ type: 'changes', id: 'main', epoch, seq: 2, values: [[0, 2, 0, 0, 2]] });
    // The answer to a subscription that control came and went over, too: what follows it would be told again by the next one.
    sockets[0]!.hear({ type: 'role', role: 'standby', epoch: later });
    sockets[0]!.hear({ type: 'role', role: 'active', epoch: later });
    sockets[0]!.hear({ type: 'changes', id: 'main-2', epoch: later, seq: 3, values: [[0, 3, 0, 0, 3]], resumed: true });
    assert.deepEqual([client.points.get('N0')!.value, client.position!.seq, client.state], [1, 1, 'switching']);
    const asked = sockets[0]!.sent.map((text) => JSON.parse(text) as { type: string; id?: string }).filter(({ type }) => type.endsWith('subscribe'));
    assert.deepEqual(asked.map(({ type, id }) => `${type} ${String(id)}`), ['subscribe main', 'unsubscribe main', 'subscribe main-2', 'unsubscribe main-2', 'subscribe main-3']);
    sockets[0]!.hear({ type: 'changes', id: 'main-3', epoch: later, seq: 4, values: [[0, 4, 0, 0, 4]], resumed: true });
    sockets[0]!.hear({ type: 'changes', id: 'main-3', epoch: later, seq: 5, values: [[0, 5, 0, 0, 5]] });
    assert.deepEqual([client.points.get('N0')!.value, client.state, client.counters.repeated], [5, 'live', 0]);
  });

  it('drops a node that talks rubbish', () => {
    sockets[0]!.hear('{');
    assert.ok(sockets[0]!.closed);
  });

  afterEach(() => client.close());
});
