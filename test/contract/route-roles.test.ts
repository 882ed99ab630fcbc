import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientMessageTypes } from '../../src/clients/client-message.js';
import { routesOf } from '../../src/clients/guard.js';
import { createHttpApp } from '../../src/clients/http-app.js';
import { Presence } from '../../src/clients/presence.js';
import { messageRoles, routeRules, ruleOf } from '../../src/clients/route-roles.js';
import { silentLog } from '../../src/contract/index.js';
import { realClock, realTimers } from '../../src/platform/time.js';
import { FakeNode, demoTable } from '../clients/fake-node.js';

describe('clients: roles of routes and messages', () => {
  const listed = async (): Promise<string[]> => {
    const node = Object.assign(new FakeNode('A', demoTable()), { decisions: {}, logic: {} });
    const app = createHttpApp({ api: node, clock: realClock, timers: realTimers, presence: new Presence(realClock), log: silentLog, consoleFolder: mkdtempSync(join(tmpdir(), 'tandem-routes-')) });
    await app.ready();
    await app.close();
    return [...new Set(routesOf(app).filter(({ method }) => method !== 'HEAD').map(({ method, url }) => `${method} ${url}`))].sort();
  };

  it('are declared for every route: whoever adds one adds a row to src/clients/route-roles.ts', async () => {
    assert.deepEqual(await listed(), Object.keys(routeRules).sort());
  });

  it('let nobody change anything without a role, and audit it', () => {
    for (const [route, rule] of Object.entries(routeRules)) {
      if (route.startsWith('GET ')) continue;
      assert.ok(rule.audit !== undefined, `${route}: say how it is audited`);
      if (rule.role === 'anybody') assert.ok(['POST /api/v1/session', 'POST /api/v1/set-up'].includes(route), `${route} is open to anybody`);
    }
    assert.equal(ruleOf('HEAD', '/healthz')?.role, 'anybody');
    assert.equal(ruleOf('GET', '/api/v1/nothing'), undefined);
  });

  it('are declared for every message of the WebSocket', () => {
    assert.deepEqual([...clientMessageTypes].sort(), Object.keys(messageRoles).sort());
  });
});
