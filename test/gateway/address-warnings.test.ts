import assert from 'node:assert/strict';
import type { NodeConfig, SiteConfig } from '../../src/contract/index.js';
import { addressWarnings } from '../../src/gateway/address-warnings.js';

const node: NodeConfig = {
  id: 'A', mode: 'main', data: '/d', console: { host: '0.0.0.0', port: 8080 }, link: { host: '10.0.0.1', port: 8099 }, url: 'http://10.0.0.1:8080',
  partner: { symbol: 'B', address: '10.0.0.2', port: 8099, secondPath: { host: '10.1.0.2', port: 8100 } },
};

function site(...devices: readonly (readonly [name: string, settings: unknown])[]): SiteConfig {
  return { devices: devices.map(([name, settings]) => ({ name, driver: 'x', settings, standby: 'collect', points: [], writeTimeoutMs: 0 })), redundancy: {} } as unknown as SiteConfig;
}

describe('addresses that a pair should not have', () => {
  it('are devices on the machine itself, however a driver keeps that', () => {
    const found = addressWarnings(site(['one', { host: 'localhost' }], ['two', { addresses: { targets: [{ host: '10.0.0.9' }, { host: '127.0.0.5' }] } }], ['ok', { host: '10.0.0.9' }]), node);
    assert.deepEqual(found.map(({ part, text }) => `${part} ${text.split(':')[0] ?? ''}`), ['address device one is at localhost', 'address device two is at 127.0.0.5']);
  });

  it('are members of the pair as data source of each other, on any of their addresses', () => {
    const found = addressWarnings(site(['other', { host: '10.0.0.2' }], ['second', { host2: '10.1.0.2' }], ['own', { host: '10.0.0.1' }]), node);
    assert.deepEqual(found.map(({ part, text }) => `${part} ${/which is node [AB]/.exec(text)?.[0] ?? ''}`), ['data-source which is node B', 'data-source which is node B', 'data-source which is node A']);
  });

  it('are not the addresses that this machine itself leaves from', () => {
    assert.deepEqual(addressWarnings(site(['plc', { host: '10.0.0.9', plug: { host: '10.0.0.1', address: '127.0.0.1' } }]), node), []);
  });

  it('are names in the node document that only this machine understands', () => {
    const found = addressWarnings(site(), { ...node, url: 'http://localhost:8080', partner: { symbol: 'B', address: '127.0.0.1', port: 1 } });
    assert.deepEqual(found.map(({ text }) => text.split(',')[0]), ['node A: the address of its partner is 127.0.0.1', 'node A: its own url is localhost']);
  });
});
