import assert from 'node:assert/strict';
import { SampleBuilder, type PointDefinition } from '../../src/contract/index.js';
import { PointTable } from '../../src/image/index.js';
import { DURABLY, type Database } from '../../src/store/database.js';
import { History } from '../../src/store/history/history.js';
import { openLevel } from '../../src/store/index.js';
import { temporaryFolder } from './rig.js';

/** 200 points, so that batches of all of them wait together and are taken into their blocks point by point. */
const SIZE = 200;

function tableOf(revision: string, from: number): PointTable {
  return new PointTable(revision, Array.from({ length: SIZE }, (_, id): PointDefinition => ({ id, name: `P${String(from + id)}`, kind: 'number', device: 'd', poll: 'normal' })));
}

/** A generator of numbers in [0, 1) from a seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Takes batches as the store does, and holds beside it what must be found: by point and time, the first that came. */
class World {
  readonly expected = new Map<string, Map<number, number | string>>();
  readonly random: () => number;
  table = tableOf('0', 0);
  history: History;
  private timeMs = 1_000_000;

  constructor(private readonly db: Database, seed: number) {
    this.random = randomOf(seed);
    this.history = new History(db);
  }

  async step(): Promise<void> {
    const kind = this.random();
    this.timeMs += 1_000;
    if (kind < 0.75) await this.add(Array.from({ length: SIZE }, (_, id) => id));
    else if (kind < 0.85) await this.add(Array.from({ length: 1 + Math.floor(this.random() * 5) }, () => Math.floor(this.random() * SIZE)));
    else if (kind < 0.9) await this.add(Array.from({ length: 3 * SIZE }, (_, row) => Math.floor(row / 3)), 3);
    else if (kind < 0.94) await this.check(`P${String(Math.floor(this.random() * 2 * SIZE))}`);
    else if (kind < 0.97) await this.flush();
    else this.table = tableOf(String(this.timeMs), Math.floor(this.random() * SIZE));
  }

  async flush(): Promise<void> {
    for (const slice of this.history.flush()) await this.db.batch(slice, DURABLY);
  }

  async check(point: string): Promise<void> {
    const found = await this.history.query(point, 0, Infinity, 1e6);
    const expected = [...(this.expected.get(point) ?? [])].sort(([a], [b]) => a - b);
    assert.deepEqual(found.map(({ timeMs, value }) => [timeMs, value]), expected, point);
    const last = expected.at(-1);
    assert.equal((await this.history.inForce(point, Infinity))?.value, last?.[1]);
  }

  /** `perPoint`: rows of one point in a batch, a millisecond apart. */
  private async add(points: readonly number[], perPoint = 1): Promise<void> {
    const builder = new SampleBuilder();
    const [late, texts] = [this.random() < 0.05, this.random() < 0.05];
    for (const [row, point] of points.entries()) {
      const timeMs = this.timeMs + (row % perPoint) - (late ? 5_500 : 0);
      const value = texts && point % 50 === 0 ? `text ${String(timeMs)}` : point % 3 === 0 ? this.random() : Math.floor(this.random() * 1_000) / 10;
      const name = this.table.byId(point).name;
      let samples = this.expected.get(name);
      if (samples === undefined) this.expected.set(name, (samples = new Map<number, number | string>()));
      // The same time twice is the same sample.
      if (samples.has(timeMs)) continue;
      samples.set(timeMs, value);
      builder.add(point, value, 0, timeMs);
    }
    const operations = this.history.add(builder.take(), this.table);
    if (operations.length > 0) await this.db.batch(operations);
  }
}

describe('history in batches', () => {
  for (const seed of [1, 2, 3]) {
    it(`finds every sample once, whatever came, was asked and was written in between (seed ${String(seed)})`, async () => {
      const folder = temporaryFolder();
      const db = await openLevel(folder.path);
      try {
        const world = new World(db, seed);
        for (let step = 0; step < 700; step++) await world.step();
        for (const point of [...world.expected.keys()].filter((_, index) => index % 7 === 0)) await world.check(point);
        // What a checkpoint wrote is all there is after the process has gone.
        await world.flush();
        world.history = new History(db);
        await world.history.load();
        for (const point of [...world.expected.keys()].filter((_, index) => index % 7 === 1)) await world.check(point);
      } finally {
        await db.close();
        folder.remove();
      }
    });
  }

  it('names every point with samples in memory in the order of keys, those of this moment too', async () => {
    const folder = temporaryFolder();
    const db = await openLevel(folder.path);
    try {
      const history = new History(db);
      const table = new PointTable('r', ['b', 'a', 'ä', 'a!b', 'a-', '𝒳', 'z'].map((name, id): PointDefinition => ({ id, name, kind: 'number', device: 'd', poll: 'normal' })));
      const builder = new SampleBuilder();
      for (const id of [0, 1, 2, 3, 4, 5]) builder.add(id, id, 0, 1_000);
      history.add(builder.take(), table);
      const found: string[] = [];
      for (let next = history.nextOpen(''); next !== undefined; next = history.nextOpen(next)) found.push(next);
      const names = ['b', 'a', 'ä', 'a!b', 'a-', '𝒳'];
      assert.deepEqual(found, names.sort((a, b) => Buffer.compare(Buffer.from(`${a}!`), Buffer.from(`${b}!`))));
      assert.deepEqual(history.openRange('ä'), { firstMs: 1_000, lastMs: 1_000 });
      assert.equal(history.openRange('z'), undefined);
    } finally {
      await db.close();
      folder.remove();
    }
  });
});
