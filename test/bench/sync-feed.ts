import { Subject } from 'rxjs';
import { GOOD, SampleBuilder, type Driver, type DriverModule, type SampleBatch, type Timer } from '../../src/contract/index.js';

const MADE_BATCHES = 200;

/** What a process of the bench is told to feed: updates a second while it is active, and whether the alarms' points are high. */
export interface FeedOrder {
  updatesPerSecond: number;
  alarmsHigh: boolean;
}

/**
 * A driver without a device: random updates of its plain points (batches made beforehand, so that making them costs the
 * gateway nothing; `rows` in each) and the value of the points `Alarm…`, which the gateway's alarms watch. Writes succeed at once.
 */
export function feedModule(order: FeedOrder, counts: { updates: number }, rows = 1_000): DriverModule<object, object> {
  return {
    kind: 'bench-feed',
    version: '1',
    capabilities: { priorities: false, standby: 'silent' },
    deviceShape: {},
    pointShape: {},
    parseDevice: () => ({}),
    parsePoint: () => ({ address: {}, kind: 'number' }),
    create: (host, _device, points): Driver => {
      const samples = new Subject<SampleBatch>();
      const plain = points.filter(({ name }) => !name.startsWith('Alarm'));
      const batches = Array.from({ length: MADE_BATCHES }, () => {
        const builder = new SampleBuilder(rows);
        for (let row = 0; row < rows; row++) builder.add(plain[Math.floor(host.random.next() * plain.length)]?.id ?? 0, host.random.next() * 100, GOOD, host.clock.wallMs());
        return builder.take();
      });
      let timer: Timer | undefined;
      let next = 0;
      let owed = 0;
      let lastMs = 0;
      let high = false;
      const say = (): void => {
        high = order.alarmsHigh;
        const builder = new SampleBuilder();
        for (const point of points) if (point.name.startsWith('Alarm')) builder.add(point.id, high ? 2 : 0, GOOD, host.clock.wallMs());
        samples.next(builder.take());
      };
      const feed = (): void => {
        const nowMs = host.clock.monotonicMs();
        owed += ((nowMs - lastMs) / 1_000) * order.updatesPerSecond;
        lastMs = nowMs;
        if (order.alarmsHigh !== high) say();
        for (; owed >= rows; owed -= rows) {
          const batch = batches[next++ % MADE_BATCHES];
          if (batch === undefined) return;
          batch.times.fill(host.clock.wallMs());
          samples.next(batch);
          counts.updates += batch.length;
        }
      };
      const setActivity = (activity: string): void => {
        timer?.cancel();
        if (activity !== 'active') return;
        lastMs = host.clock.monotonicMs();
        say();
        timer = host.timers.every(1, feed);
      };
      return {
        samples$: samples,
        start: setActivity,
        setActivity,
        stop: async () => timer?.cancel(),
        poll: async () => ({ reachable: true, points: points.length }),
        write: async ({ permit }) => {
          if (!permit()) throw new Error('fenced');
        },
        read: async () => 0,
        counters: () => ({}),
      };
    },
  };
}
