import { CloseCode, VERSION, CLIENT_PROTOCOL } from '../../contract/index.js';
import { clientMessages } from '../client-message.js';
import { SchemaBook, type JsonSchema } from './json-schema.js';
import { limits } from '../limits.js';
import { serverMessages } from './protocol-schema.js';
import { messageRoles } from '../route-roles.js';

const SERVER_SUMMARIES: Readonly<Record<keyof typeof serverMessages, string>> = {
  hello: 'At once, when the socket is open',
  authenticated: 'The credential of `authenticate` is good',
  role: 'The role of this node has changed',
  snapshot: 'Everything the subscription means; after `subscribe`, and whenever a position means nothing any more',
  changes: 'A visible frame touches the subscription. With `rows: binary` this message comes as bytes: see src/contract/binary-changes.ts and docs/client-protocol.md',
  heartbeat: 'Each second; everything up to `seq` has been sent',
  redirect: `This node is not active any more; the socket closes with ${CloseCode.redirect}`,
  result: 'Outcome of `write`, `acknowledge` or `alarm`',
  error: 'A message was refused',
};

/**
 * The WebSocket protocol as AsyncAPI 3.0. Client messages are the very schemas that the node parses with; the node's own
 * are held against what it sends by the tests.
 */
export function asyncApi(): JsonSchema {
  const book = new SchemaBook('draft-7');
  const messages: Record<string, JsonSchema> = {};
  for (const [name, schema] of Object.entries(serverMessages)) {
    messages[name] = { name, summary: SERVER_SUMMARIES[name as keyof typeof serverMessages], contentType: 'application/json', payload: book.of(schema, 'output') };
  }
  for (const schema of clientMessages) {
    const name = schema.shape.type.value;
    messages[name] = { name, summary: `Needs the role ${messageRoles[name]}`, contentType: 'application/json', payload: book.of(schema, 'input') };
  }
  const refs = (names: readonly string[]): JsonSchema[] => names.map((name) => ({ $ref: `#/channels/ws/messages/${name}` }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tandem client protocol',
      version: String(CLIENT_PROTOCOL),
      description: `Of Tandem ${VERSION}. One JSON text a message, of at most ${limits.messageBytes} bytes from a client; docs/client-protocol.md tells it as a story. Close codes: ${Object.entries(CloseCode).map(([name, code]) => `${code} ${name}`).join(', ')}.`,
    },
    defaultContentType: 'application/json',
    channels: { ws: { address: '/ws', messages: Object.fromEntries(Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }])) } },
    operations: {
      told: { action: 'send', summary: 'What the node sends', channel: { $ref: '#/channels/ws' }, messages: refs(Object.keys(serverMessages)) },
      asked: { action: 'receive', summary: 'What the node takes', channel: { $ref: '#/channels/ws' }, messages: refs(clientMessages.map((schema) => schema.shape.type.value)) },
    },
    components: { messages, schemas: book.shared },
  };
}
