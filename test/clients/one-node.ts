import type { FakeNode } from './fake-node.js';
import { connected, type RawClient } from './helpers.js';

export interface OneNode {
  readonly node: FakeNode;
  begin(made: FakeNode): Promise<void>;
  /** Connected, and has been greeted. */
  join(): Promise<RawClient>;
  readonly clients: RawClient[];
}

/** The node of each test of a `describe`, active; it ends after the test, and with it whoever has joined. */
export function oneNode(): OneNode {
  let node: FakeNode | undefined;
  const clients: RawClient[] = [];
  const begun = (): FakeNode => {
    if (node === undefined) throw new Error('the test has not begun a node');
    return node;
  };
  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    await node?.server.stop();
    node = undefined;
  });
  return {
    get node() {
      return begun();
    },
    clients,
    begin: async (made) => {
      node = made;
      await node.server.start();
      node.activate(1);
    },
    join: async () => {
      const client = await connected(begun());
      clients.push(client);
      return client;
    },
  };
}
