import assert from 'node:assert/strict';
import { isGood, isTandemError, type Driver, type DriverPoint, type PointValue, type SampleBatch, type WriteRequest } from '../../src/contract/index.js';

/** A driver on a device that the test controls. Every point is in poll class `fast`, and good when the device is well. */
export interface DriverUnderTest {
  readonly driver: Driver;
  readonly points: readonly DriverPoint[];
  /** A point that can be written, verified by reading back, and two values that it can take. */
  readonly writable: { readonly point: DriverPoint; readonly values: readonly [PointValue, PointValue] };
  /** Gives a point a value in the device, as the plant would; returns the value that a read must give. */
  setValue(pointName: string): PointValue;
  /** Connections that the device sees; 0 always, where the protocol has none. */
  connections(): number;
  /** Requests of any kind that reached the device. */
  requests(): number;
  /** Writes that the device has carried out. */
  writes(): number;
  /** `silent`: takes everything and answers nothing; `garbage`: answers with nonsense. */
  fault(kind: 'silent' | 'garbage' | 'none'): void;
  /** Stops the device too; the driver is stopped already or must bear it. */
  close(): Promise<void>;
}

/** What the gateway relies on in any driver. Applied by each driver's own test in a dozen lines. */
export function describeDriver(name: string, setup: () => Promise<DriverUnderTest>): void {
  describe(`driver contract: ${name}`, () => {
    let under: DriverUnderTest;
    let batches: SampleBatch[];

    beforeEach(async () => {
      under = await setup();
      batches = [];
      under.driver.samples$.subscribe((batch) => batches.push(batch));
    });
    afterEach(async () => {
      await under.driver.stop();
      await under.close();
    });

    const write = (value: PointValue, options: Partial<WriteRequest> = {}): Promise<void> =>
      under.driver.write({ point: under.writable.point.id, value, priority: 10, timeoutMs: 2000, permit: () => true, ...options });

    /** The latest good value of each point. */
    const goodValues = (): Map<number, PointValue> => {
      const values = new Map<number, PointValue>();
      for (const batch of batches) {
        for (let row = 0; row < batch.length; row++) {
          const point = batch.points[row] ?? 0;
          if (isGood(batch.qualities[row] ?? 255)) values.set(point, batch.texts?.get(row) ?? batch.values[row] ?? NaN);
          else values.delete(point);
        }
      }
      return values;
    };

    /** Polls until the device answers: a driver may need some attempts to find its way back. */
    const pollUntilReachable = async (): Promise<void> => {
      const endMs = performance.now() + 15_000;
      while (!(await under.driver.poll('fast')).reachable) {
        assert.ok(performance.now() < endMs, 'the device was not reached again');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };

    it('polls every point of the class, good and as the device has it', async () => {
      const wanted = new Map(under.points.map((point) => [point.id, under.setValue(point.name)]));
      under.driver.start('active');
      const result = await under.driver.poll('fast');
      assert.equal(result.reachable, true, result.error);
      assert.deepEqual(goodValues(), wanted);
      const before = Date.now();
      for (const batch of batches) for (const timeMs of batch.times) assert.ok(Math.abs(timeMs - before) < 60_000, 'source time is wall time');
    });

    it('opens nothing before it is started, and answers a poll all the same', async () => {
      assert.equal((await under.driver.poll('fast')).reachable, false);
      assert.deepEqual([under.connections(), under.requests(), batches.length], [0, 0, 0]);
    });

    it('says every point again with each poll, changed or not, for the host takes others for stale', async () => {
      under.driver.start('active');
      await pollUntilReachable();
      for (let round = 0; round < 2; round++) {
        batches.length = 0;
        assert.equal((await under.driver.poll('fast')).reachable, true);
        assert.deepEqual([...new Set(batches.flatMap((batch) => [...batch.points.subarray(0, batch.length)]))].sort(byNumber), under.points.map(({ id }) => id).sort(byNumber));
      }
    });

    it('polls that overlap all resolve, and a class without points is empty', async () => {
      under.driver.start('active');
      await pollUntilReachable();
      const results = await Promise.all([under.driver.poll('fast'), under.driver.poll('fast')]);
      assert.deepEqual(results.map(({ reachable }) => reachable), [true, true]);
      batches.length = 0;
      assert.equal((await under.driver.poll('slow')).points, 0);
      assert.equal(batches.reduce((sum, { length }) => sum + length, 0), 0);
    });

    it('reads past every cache', async () => {
      under.driver.start('active');
      await pollUntilReachable();
      const { point } = under.writable;
      const wanted = under.setValue(point.name);
      assert.equal(await under.driver.read(point.id), wanted);
    });

    it('listens without asking anything, then acts on the same connection', async () => {
      under.driver.start('listen');
      await new Promise((resolve) => setTimeout(resolve, 150));
      const connections = under.connections();
      assert.equal(under.requests(), 0);
      under.driver.setActivity('active');
      await pollUntilReachable();
      assert.equal(goodValues().size, under.points.length);
      under.driver.setActivity('collect');
      assert.equal((await under.driver.poll('fast')).reachable, true);
      if (connections > 0) assert.equal(under.connections(), connections);
    });

    it('is started without an error where the device does not answer, and the poll says why', async () => {
      under.fault('silent');
      under.driver.start('active');
      const result = await under.driver.poll('fast');
      assert.equal(result.reachable, false);
      assert.ok((result.error ?? '').length > 0, 'the poll says why');
      under.fault('none');
      await pollUntilReachable();
    });

    it('may be stopped before it was started, and twice', async () => {
      await under.driver.stop();
      under.driver.start('active');
      await pollUntilReachable();
      await Promise.all([under.driver.stop(), under.driver.stop()]);
      await under.driver.stop();
      assert.equal((await under.driver.poll('fast')).reachable, false);
    });

    it('says what the device is, where the protocol can, and fails with a code where it does not answer', async () => {
      if (under.driver.identify === undefined) return;
      under.driver.start('active');
      await pollUntilReachable();
      const said = await under.driver.identify().catch((error: unknown) => error);
      assert.ok(Array.isArray(said) || (isTandemError(said) && said.code.startsWith('FIELD_')), String(said));
      under.fault('silent');
      await assert.rejects(under.driver.identify(), (error) => isTandemError(error) && error.code.startsWith('FIELD_'));
    });

    it('asks for the permit before it writes, each time', async () => {
      under.driver.start('active');
      await pollUntilReachable();
      const before = under.writes();
      const seen: number[] = [];
      await write(under.writable.values[0], { permit: () => seen.push(under.writes()) > 0 });
      assert.ok(seen.length > 0, 'the permit was asked for');
      assert.equal(seen[0], before, 'and nothing had been written by then');
    });

    it('writes, and reads back what it wrote', async () => {
      under.driver.start('active');
      await under.driver.poll('fast');
      const { point, values } = under.writable;
      for (const value of values) {
        const before = under.writes();
        await write(value);
        assert.equal(under.writes(), before + 1);
        assert.equal(await under.driver.read(point.id), value);
      }
    });

    it('sends nothing of a write that has no permit', async () => {
      under.driver.start('active');
      await under.driver.poll('fast');
      const before = under.requests();
      await assert.rejects(write(under.writable.values[0], { permit: () => false }), (error) => isTandemError(error, 'FENCED'));
      assert.deepEqual([under.requests(), under.writes()], [before, 0]);
    });

    it('collects without writing, and goes over to acting without a new connection', async () => {
      under.driver.start('collect');
      await pollUntilReachable();
      const connections = under.connections();
      under.driver.setActivity('active');
      await write(under.writable.values[1]);
      assert.deepEqual([under.connections(), under.writes()], [connections, 1]);
    });

    for (const kind of ['silent', 'garbage'] as const) {
      it(`${kind}: the poll resolves as unreachable, nothing is good, writes fail, and the device is found again`, async () => {
        under.driver.start('active');
        await under.driver.poll('fast');
        batches.length = 0;
        under.fault(kind);
        assert.equal((await under.driver.poll('fast')).reachable, false);
        assert.equal(goodValues().size, 0);
        const startMs = performance.now();
        await assert.rejects(write(under.writable.values[0], { timeoutMs: 500 }), (error) => isTandemError(error) && error.code.startsWith('FIELD_'));
        assert.ok(performance.now() - startMs < 5_000, 'a write is over when its time is');
        await assert.rejects(under.driver.read(under.writable.point.id), (error) => isTandemError(error) && error.code.startsWith('FIELD_'));
        under.fault('none');
        await pollUntilReachable();
        assert.equal(goodValues().size, under.points.length);
      });
    }

    it('settles everything on stop, leaves no connection, and can be started again', async () => {
      under.driver.start('active');
      await under.driver.poll('fast');
      under.fault('silent');
      const poll = under.driver.poll('fast');
      const outcome = write(under.writable.values[0]).then(() => 'done', (error: unknown) => (isTandemError(error) ? error.code : String(error)));
      const read = under.driver.read(under.writable.point.id).then(() => 'done', (error: unknown) => (isTandemError(error) ? error.code : String(error)));
      await under.driver.stop();
      batches.length = 0;
      assert.equal((await poll).reachable, false);
      assert.match(await outcome, /^FIELD_/);
      assert.match(await read, /^FIELD_/);
      const endMs = performance.now() + 5000;
      while (under.connections() > 0) {
        assert.ok(performance.now() < endMs, 'a connection was left');
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      under.fault('none');
      assert.equal((await under.driver.poll('fast')).reachable, false);
      assert.equal(batches.length, 0, 'nothing is emitted after the end');
      under.driver.start('collect');
      await pollUntilReachable();
    });

    it('counts what it does', async () => {
      under.driver.start('active');
      await under.driver.poll('fast');
      assert.ok(Object.values(under.driver.counters()).some((count) => count > 0));
    });
  });
}

function byNumber(a: number, b: number): number {
  return a - b;
}
