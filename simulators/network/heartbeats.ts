import type { HeartbeatCarrier } from '../../src/contract/index.js';
import type { NodeClock } from '../virtual-time/index.js';
import type { SimulatedNetwork } from './network.js';

/** Datagrams between machines of a simulated network, for heartbeats on a path of their own. */
export function simulatedHeartbeats(net: SimulatedNetwork, machine: NodeClock): HeartbeatCarrier {
  return {
    open: async (at, to, periodMs, onMessage) => {
      const close = net.bindDatagrams(at, (text) => machine.enter(() => onMessage(text)));
      let said: string | undefined;
      const send = (): void => {
        if (said !== undefined) net.datagram(at.host, to, said);
      };
      // A thread of its own: it goes on while the main one hangs.
      const timer = net.time.every(periodMs, () => {
        if (machine.threadsRun) send();
      });
      return {
        say: (text) => {
          said = text;
          send();
        },
        close: async () => {
          timer.cancel();
          close();
        },
      };
    },
  };
}
