import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { asyncApi } from '../../src/clients/api-docs/async-api.js';
import { openApi, routeDocs } from '../../src/clients/api-docs/open-api.js';
import { serverMessages } from '../../src/clients/api-docs/protocol-schema.js';
import { clientMessageTypes, parseClientMessage } from '../../src/clients/client-message.js';
import { routeRules } from '../../src/clients/route-roles.js';
import { checkAnswer } from '../rest-answers.js';
import { demoAlarm, demoTable, FakeNode, TOKEN } from './fake-node.js';
import { connected, described, seenTypes, type RawClient } from './helpers.js';

const asText = (document: unknown): string => `${JSON.stringify(document, undefined, 1)}\n`;

/** What docs/ has is what a node serves. With TANDEM_WRITE_DOCS=1 it is written anew. */
function sameAsFile(file: string, document: unknown): void {
  if (process.env.TANDEM_WRITE_DOCS === '1') writeFileSync(file, asText(document));
  assert.ok(readFileSync(file, 'utf8') === asText(document), `${file} is not what this program serves: run this test with TANDEM_WRITE_DOCS=1`);
}

describe('clients: the interface described by itself', () => {
  let node: FakeNode;
  const clients: RawClient[] = [];
  const join = async (): Promise<RawClient> => {
    const client = await connected(node);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    node = new FakeNode('a', demoTable());
    await node.server.start();
    node.activate(1);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    await node.server.stop();
  });

  it('has every route of the table of roles, with its role', () => {
    assert.deepEqual(Object.keys(routeDocs).sort(), Object.keys(routeRules).filter((route) => route !== 'GET /*').sort());
    const { paths } = openApi() as { paths: Record<string, Record<string, { 'x-role': string }>> };
    assert.equal(paths['/api/v1/points/{name}']!.put!['x-role'], 'operator');
  });

  it('is served as OpenAPI, AsyncAPI and a page, to anybody; docs/ has the AsyncAPI', async () => {
    const get = async (path: string): Promise<Response> => fetch(`${node.server.url}/api/docs${path}`);
    const rest = (await (await get('/openapi.json')).json()) as { openapi: string; servers: unknown };
    assert.equal(rest.openapi, '3.1.0');
    assert.deepEqual(rest.servers, [{ url: '/' }], 'the node that serves it');
    const socket = (await (await get('/asyncapi.json')).json()) as { asyncapi: string };
    assert.equal(socket.asyncapi, '3.0.0');
    sameAsFile('docs/client-protocol.asyncapi.json', socket);
    const page = await (await get('')).text();
    for (const route of Object.keys(routeDocs)) assert.ok(page.includes(route.split(' ')[1]!.replace(/:(\w+)/g, '{$1}')), `${route} is on the page`);
    assert.ok(!/<script|src=|https?:\/\//.test(page), 'nothing is run or loaded from elsewhere');
  });

  it('points at nothing that is not there', () => {
    for (const document of [openApi(), asyncApi()] as { components: { schemas: object; messages?: object; responses?: object } }[]) {
      const named = new Set(['ws', ...Object.keys(document.components.schemas), ...Object.keys(document.components.messages ?? {}), ...Object.keys(document.components.responses ?? {})]);
      for (const [, reference = ''] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) assert.ok(named.has(reference.split('/').at(-1)!), reference);
    }
  });

  it('finds an answer that is not as described', async () => {
    const answer = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
    await checkAnswer('GET', 'http://node/healthz', answer({ status: 'alive', node: 'a', more: 1 }));
    await assert.rejects(checkAnswer('GET', 'http://node/healthz', answer({ status: 'dead', node: 'a' })), /does not answer as/);
    await assert.rejects(checkAnswer('POST', 'http://node/api/v1/redundancy/switch', answer({ accepted: true })), /status 200, not 202/);
    assert.throws(() => described({ type: 'heartbeat', role: 'active', seq: 1 } as never), /epoch/);
  });

  it('describes each message that a node sends', async () => {
    const client = await join();
    client.send({ type: 'authenticate', token: TOKEN });
    await client.next('authenticated');
    client.send({ type: 'subscribe', id: 's', points: ['*'] });
    await client.next('snapshot');
    node.set({ N0: 1.5, 'Fan.On': 1, 'Meter.Total': 12n, 'Meter.Name': 'main' });
    node.raise({ ...demoAlarm('high', 'unacknowledged'), active: true, level: 'high', open: ['raised'] });
    await client.next('changes');
    client.send({ type: 'write', id: 'w', point: 'N0', value: 2, epoch: 1 });
    await client.next('result');
    client.send({ type: 'write', id: 'x', point: 'N0', value: 2_000, epoch: 1 });
    assert.equal((await client.next('result')).code, 'VALUE_OUT_OF_RANGE');
    client.socket.send('{}');
    await client.next('error');
    await client.next('heartbeat');
    node.peer = 'http://127.0.0.1:1';
    node.deactivate();
    await client.next('redirect');
    const waiting = await join();
    node.activate(2);
    await waiting.next('role');
    for (const type of Object.keys(serverMessages)) assert.ok(seenTypes.has(type), type);
  });

  it('describes each message that a node takes', () => {
    const { components } = asyncApi() as { components: { messages: Record<string, { payload: { required: string[] } }> } };
    for (const type of clientMessageTypes) {
      const { required } = components.messages[type]!.payload;
      assert.ok(required.includes('type'), type);
      assert.throws(() => parseClientMessage(JSON.stringify({ type })), { code: 'CLIENT_MALFORMED' });
    }
  });

  it('sends changes as bytes to who asks for it, and JSON to everybody else', async () => {
    const [bytes, texts] = [await join(), await join()];
    bytes.send({ type: 'subscribe', id: 's', points: ['*'], rows: 'binary' });
    texts.send({ type: 'subscribe', id: 's', points: ['*'] });
    await Promise.all([bytes.next('snapshot'), texts.next('snapshot')]);
    node.set({ N0: 21.3, N1: -4, N2: 0.5, 'Fan.On': 1, 'Fan.Mode': 2, 'Meter.Total': 12345678901234567890n, 'Meter.Name': 'Zähler' });
    const told = await Promise.all([bytes.next('changes'), texts.next('changes')]);
    assert.deepEqual(told[0], told[1]);
    assert.equal(told[0].values.length, 7);
    assert.deepEqual([bytes.binary, texts.binary], [1, 0]);
  });
});
