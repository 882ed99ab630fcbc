import assert from 'node:assert/strict';
import type { TandemClient } from '../../src/client-sdk/index.js';
import { until } from '../clients/helpers.js';
import { clientOf, FakePair, Sockets } from './helpers.js';

describe('client library: reading from a standby', () => {
  let pair: FakePair;
  let sockets: Sockets;
  let client: TandemClient | undefined;

  beforeEach(async () => {
    pair = new FakePair();
    sockets = new Sockets();
    await pair.start();
  });

  afterEach(async () => {
    client?.close();
    await pair.stop();
  });

  it('spares the active node: values from the standby, requests to the active one, and neither missed nor repeated over failovers', async () => {
    const reader = (client = clientOf(pair, sockets, { readFrom: 'standby' }));
    await until(() => reader.state === 'reading' && reader.sourceUrl === pair.standby.server.url, 'reads from the standby');
    assert.equal(reader.activeUrl, pair.active.server.url);
    pair.active.set({ N0: 1 });
    await until(() => reader.points.get('N0')?.value === 1, 'the value by way of the standby');
    await reader.write('N0', 5);
    assert.equal(pair.active.writes.length + pair.standby.writes.length, 1);
    assert.equal(pair.active.writes[0]!.value, 5);
    for (let round = 2; round < 4; round++) {
      pair.switchOver();
      pair.active.set({ N0: round });
      await until(() => reader.points.get('N0')?.value === round && reader.state === 'reading' && reader.sourceUrl === pair.standby.server.url, `the other one is the standby now, round ${String(round)}`);
    }
    const { missed, repeated, resets } = reader.counters;
    assert.deepEqual({ missed, repeated, resets }, { missed: 0, repeated: 0, resets: 0 });
  });

  it('shows what a standby holds while no node is active, says so, and is live again with the next one', async () => {
    pair.active.set({ N0: 7 });
    pair.active.deactivate();
    const reader = (client = clientOf(pair, sockets, { readFrom: 'any' }));
    await until(() => reader.state === 'reading', 'reads');
    assert.equal(reader.points.get('N0')?.value, 7);
    assert.equal(reader.activeUrl, undefined);
    pair.switchOver();
    await until(() => reader.state === 'live' && reader.activeUrl === pair.active.server.url, 'live');
    pair.active.set({ N0: 8 });
    await until(() => reader.points.get('N0')?.value === 8, 'the value of the node that is active now');
    assert.equal(reader.counters.missed + reader.counters.repeated, 0);
  });

  it('without load sharing follows the active node, and shows nothing while there is none', async () => {
    pair.a.sharesLoad = pair.b.sharesLoad = false;
    const reader = (client = clientOf(pair, sockets, { readFrom: 'standby' }));
    let tried = 0;
    reader.on('state', (state) => (tried += state === 'switching' ? 1 : 0));
    await until(() => tried > 0 && reader.state === 'live', 'it has asked the standby, and was refused');
    pair.active.set({ N0: 3 });
    await until(() => reader.points.get('N0')?.value === 3, 'value');
    assert.equal(reader.sourceUrl, pair.active.server.url);
    pair.active.deactivate();
    await until(() => reader.state === 'switching', 'looks for the active node');
    assert.equal(reader.sourceUrl, undefined);
  });

  it('does not go to a standby that is behind', async () => {
    const reader = (client = clientOf(pair, sockets, { readFrom: 'standby' }));
    await until(() => reader.state === 'reading', 'reads from the standby');
    // The standby gets nothing any more and does not know it.
    pair.active.standby = undefined;
    pair.active.set({ N0: 41 });
    pair.active.set({ N0: 42 });
    await until(() => reader.state === 'live' && reader.points.get('N0')?.value === 42, 'of the active node');
    assert.equal(reader.sourceUrl, pair.active.server.url);
    assert.equal(reader.counters.resets, 0);
  });
});
