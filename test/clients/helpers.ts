import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { serverMessages } from '../../src/clients/api-docs/protocol-schema.js';
import { readChanges } from '../../src/client-sdk/binary-changes.js';
import type { ClientMessage, ServerMessage } from '../../src/contract/index.js';
import type { FakeNode } from './fake-node.js';

/** Waits until `condition` holds; fails with `what` after the deadline. */
export async function until(condition: () => boolean, what: string, deadlineMs = 8_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) assert.fail(`not within ${String(deadlineMs)} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

type OfType<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

/** Types of which a message was seen. */
export const seenTypes = new Set<string>();

/** Holds a message of a node against the AsyncAPI document. @throws what does not fit */
export function described(message: ServerMessage): ServerMessage {
  const parsed = serverMessages[message.type].safeParse(message);
  if (!parsed.success) throw new Error(`${message.type} is not as /api/docs/asyncapi.json says: ${parsed.error.message}`);
  seenTypes.add(message.type);
  return message;
}

/** A bare WebSocket that keeps what it was sent. */
export class RawClient {
  readonly messages: ServerMessage[] = [];
  readonly socket: WebSocket;
  closed: number | undefined;
  /** Messages that came as bytes. */
  binary = 0;
  private taken = 0;

  constructor(node: FakeNode) {
    this.socket = new WebSocket(`${node.server.url.replace('http', 'ws')}/ws`);
    this.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.binary++;
      this.messages.push(described(isBinary ? readChanges(new Uint8Array(data).buffer) : (JSON.parse(data.toString('utf8')) as ServerMessage)));
    });
    this.socket.on('close', (code) => (this.closed = code));
    this.socket.on('error', () => undefined);
  }

  /** The next message of a type; what came before it is passed over. */
  async next<T extends ServerMessage['type']>(type: T): Promise<OfType<T>> {
    let found: OfType<T> | undefined;
    await until(() => {
      while (found === undefined && this.taken < this.messages.length) {
        const message = this.messages[this.taken++]!;
        if (message.type === type) found = message as OfType<T>;
      }
      return found !== undefined;
    }, `a message ${type}, got ${JSON.stringify(this.messages).slice(0, 2_000)}`);
    return found!;
  }

  send(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  of<T extends ServerMessage['type']>(type: T): OfType<T>[] {
    return this.messages.filter((message): message is OfType<T> => message.type === type);
  }
}

export async function connected(node: FakeNode): Promise<RawClient> {
  const client = new RawClient(node);
  await client.next('hello');
  return client;
}
