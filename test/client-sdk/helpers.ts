import { WebSocket } from 'ws';
import { TandemClient, type TandemClientOptions, type WebSocketLike } from '../../src/client-sdk/index.js';
import { demoTable, FakeNode, TOKEN } from '../clients/fake-node.js';

/** Two fake nodes, of which one is active and feeds the other. */
export class FakePair {
  readonly a: FakeNode;
  readonly b: FakeNode;
  active: FakeNode;
  private epoch = 0;

  constructor(table = demoTable(), options: ConstructorParameters<typeof FakeNode>[2] = {}) {
    this.a = new FakeNode('a', table, options);
    this.b = new FakeNode('b', table, options);
    this.active = this.a;
  }

  get standby(): FakeNode {
    return this.active === this.a ? this.b : this.a;
  }

  get urls(): [string, string] {
    return [this.a.server.url, this.b.server.url];
  }

  async start(): Promise<void> {
    await Promise.all([this.a.server.start(), this.b.server.start()]);
    this.a.peer = this.b.server.url;
    this.b.peer = this.a.server.url;
    this.activate(this.a);
  }

  async stop(): Promise<void> {
    await Promise.all([this.a.server.stop(), this.b.server.stop()]);
  }

  /** The other node becomes active, whatever of the old one's frames clients have not seen. */
  switchOver(): void {
    const next = this.standby;
    this.active.deactivate();
    this.activate(next);
  }

  private activate(node: FakeNode): void {
    this.active = node;
    node.release();
    node.standby = this.standby;
    node.activate(++this.epoch);
  }
}

/** Opens real sockets and keeps them, so that a test can cut them. */
export class Sockets {
  readonly open = new Set<WebSocket>();
  opened = 0;

  readonly factory = (url: string): WebSocketLike => {
    const socket = new WebSocket(url);
    this.opened++;
    this.open.add(socket);
    socket.on('close', () => this.open.delete(socket));
    return socket;
  };

  cut(index: number): void {
    [...this.open][index % Math.max(1, this.open.size)]?.terminate();
  }
}

export function clientOf(pair: FakePair, sockets: Sockets, options: Partial<TandemClientOptions> = {}): TandemClient {
  const client = new TandemClient({ urls: pair.urls, points: ['*'], token: TOKEN, webSocket: sockets.factory, ...options });
  client.start();
  return client;
}
