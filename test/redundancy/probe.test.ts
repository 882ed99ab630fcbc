import assert from 'node:assert/strict';
import type { CloseReason, Network } from '../../src/contract/index.js';
import { closedBy, refusedEverywhere } from '../../src/redundancy/probe.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

const PATH = { host: '10.0.0.1', port: 8099 };

/** Each connection ends as told: refused, reset before it is seen to be open, or open and gone after that many milliseconds, or open for good. */
function network(time: VirtualClock, ...ends: ('refused' | 'reset' | number | 'stays')[]): Network {
  const connectTcp: Network['connectTcp'] = (_to, events) => {
    const end = ends.length > 1 ? ends.shift() : ends[0];
    const connection = { remote: PATH, bufferedBytes: 0, write: () => undefined, destroy: () => undefined };
    const close = (reason: CloseReason): void => events.onClose(reason);
    time.after(1, () => {
      if (end === 'refused' || end === 'reset') return close(end);
      events.onOpen?.();
      if (typeof end === 'number') time.after(end, () => close('reset'));
    });
    return connection;
  };
  return { connectTcp } as unknown as Network;
}

describe('probe of a path', () => {
  for (const [told, ends, expected] of [
    ['nobody listens', ['refused'], 'refused'],
    ['somebody listens', ['stays'], undefined],
    ['the kernel of a process that is dying takes two connections and resets them', [1, 2, 'refused'], 'refused'],
    ['the kernel of a process that is dying resets a connection before it is seen to be open', ['reset', 'refused'], 'refused'],
    ['something resets whoever connects, for ever: that is no refusal', [1], undefined],
  ] as const) {
    it(told, async () => {
      const time = new VirtualClock();
      assert.equal(await time.advanceWhile(closedBy(network(time, ...ends), time, PATH, 1_000), 5_000), expected);
      const time2 = new VirtualClock();
      assert.equal(await time2.advanceWhile(refusedEverywhere(network(time2, ...ends), time2, [PATH], 1_000), 5_000), expected === 'refused');
    });
  }
});
