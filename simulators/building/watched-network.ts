import type { Network } from '../../src/contract/network.js';

/** A network that remembers who sent datagrams, for devices whose counters are asked by remote host. */
export function watchedNetwork(network: Network, hosts: Set<string>): Network {
  return {
    connectTcp: (target, events) => network.connectTcp(target, events),
    listenTcp: (at, accept) => network.listenTcp(at, accept),
    openUdp: (at, onMessage) => network.openUdp(at, (data, from) => {
      hosts.add(from.host);
      onMessage(data, from);
    }),
  };
}
