import assert from 'node:assert/strict';
import fc from 'fast-check';
import { WAITING, type PointValue } from '../../src/contract/index.js';
import { FrameMerger, Image, PairState, PointTable, type Frame } from '../../src/image/index.js';
import { contentOf } from '../redundancy/fingerprint.js';
import { batchOf, plainFrame, POINTS, rows, rowsOf, type Row } from './frames.js';

const table = new PointTable('r', POINTS);

interface Cell {
  value: PointValue;
  quality: number;
  timeMs: number;
  seq: number;
  dirty: boolean;
}

/** The rules of the image, one point and one sample at a time. */
class Model {
  readonly cells: Cell[] = POINTS.map(() => ({ value: NaN, quality: WAITING, timeMs: 0, seq: 0, dirty: false }));

  ingest(some: readonly Row[]): void {
    for (const [point, value, quality, timeMs] of some) {
      const cell = this.cells[point]!;
      if (this.isSame(point, value, cell.value)) {
        if (cell.quality === quality) continue;
      } else cell.value = value;
      Object.assign(cell, { quality, timeMs, dirty: true });
    }
  }

  /** What the last frame had. */
  private framed: readonly Cell[] = structuredClone(this.cells);

  revert(): void {
    this.cells.splice(0, this.cells.length, ...structuredClone(this.framed));
  }

  cut(seq: number): number[] {
    const ids = this.cells.flatMap((cell, id) => (cell.dirty ? [id] : []));
    for (const id of ids) Object.assign(this.cells[id]!, { dirty: false, seq });
    this.framed = structuredClone(this.cells);
    return ids;
  }

  private isSame(point: number, value: PointValue, old: PointValue): boolean {
    if (typeof value === 'number' && Number.isNaN(value)) return true;
    if (value === old) return true;
    const increment = POINTS[point]?.cov ?? 0;
    return typeof value === 'number' && typeof old === 'number' && Math.abs(value - old) < increment;
  }
}

function assertLike(image: Image, model: Model): void {
  model.cells.forEach((cell, id) => {
    assert.deepEqual([image.value(id), image.quality(id), image.timeMs(id), image.seq(id)], [cell.value, cell.quality, cell.timeMs, cell.seq], `point ${id}`);
  });
}

const withReverts = fc.array(fc.oneof({ weight: 4, arbitrary: rows }, { weight: 1, arbitrary: fc.constantFrom('cut' as const, 'revert' as const) }), { maxLength: 30 });
const story = fc.array(fc.oneof({ weight: 4, arbitrary: rows }, { weight: 1, arbitrary: fc.constant('cut' as const) }), { maxLength: 30 });

describe('image against an obvious model', () => {
  it('takes samples in, cuts them, forgets what is in no frame, and tells what changed since', () => {
    fc.assert(
      fc.property(withReverts, fc.nat(10), (steps, since) => {
        const image = new Image(table);
        const model = new Model();
        let seq = 0;
        for (const step of [...steps, 'cut' as const]) {
          if (step === 'cut') {
            seq += 1;
            const columns = image.cut(seq);
            assert.deepEqual([...columns.points].sort((a, b) => a - b), model.cut(seq));
          } else if (step === 'revert') {
            image.revert();
            model.revert();
            assert.equal(image.pending, 0);
          } else {
            image.ingest(batchOf(step));
            model.ingest(step);
            assert.equal(image.pending, model.cells.filter((cell) => cell.dirty).length);
          }
          assertLike(image, model);
        }
        const changed = image.changedSince(since);
        const expected = model.cells.flatMap((cell, id) => (cell.seq > since ? [[id, cell.value, cell.quality, cell.timeMs, cell.seq]] : []));
        assert.deepEqual(rowsOf(changed), expected);
      }),
      { numRuns: 300 },
    );
  });

  it('is the same on a node that applies what another one cut, at once or from any frame on', () => {
    fc.assert(
      fc.property(story, fc.nat(8), (steps, resumeAfter) => {
        const active = new Image(table);
        const standby = new Image(table);
        const late = new Image(table);
        let seq = 0;
        for (const step of [...steps, 'cut' as const]) {
          if (step !== 'cut') {
            active.ingest(batchOf(step));
            continue;
          }
          seq += 1;
          const columns = active.cut(seq);
          standby.apply(columns, seq);
          if (seq <= resumeAfter) late.apply(columns, seq);
        }
        late.apply(active.changedSince(Math.min(seq, resumeAfter)), seq);
        for (const { id } of POINTS) {
          for (const image of [standby, late]) assert.deepEqual([image.value(id), image.quality(id), image.timeMs(id), image.seq(id)], [active.value(id), active.quality(id), active.timeMs(id), active.seq(id)]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

const keys = ['a', 'b', 'c/1'];
const someFrames: fc.Arbitrary<Frame[]> = fc
  .array(fc.tuple(rows, rows, fc.array(fc.tuple(fc.constantFrom(...keys), fc.option(fc.nat())), { maxLength: 3 }), fc.nat(2)), { minLength: 1, maxLength: 8 })
  .map((list) => {
    const image = new Image(table);
    return list.map(([values, samples, puts, logs], i) => {
      image.ingest(batchOf(values));
      const frame = plainFrame({ seq: i + 1, samples, puts: puts.map(([key, value]) => ({ key, value })), logs: Array.from({ length: logs }, (_, n) => ({ id: `1.${i + 1}.${n}`, kind: 'audit', timeMs: i, data: n })) });
      return { ...frame, values: image.cut(i + 1) };
    });
  });

function mergeFrames(frames: readonly Frame[]): Frame {
  const merger = new FrameMerger();
  for (const frame of frames) merger.add(frame);
  return merger.take();
}

describe('merged frames', () => {
  it('stand for the frames that they are made of', () => {
    fc.assert(
      fc.property(someFrames, fc.nat(), (frames, cutAt) => {
        const oneByOne = new PairState(table);
        for (const frame of frames) oneByOne.apply(frame);
        const parts = new PairState(table);
        const at = cutAt % (frames.length + 1);
        // Merging what is merged already is merging.
        for (const part of [frames.slice(0, at), frames.slice(at)]) if (part.length > 0) parts.apply(mergeFrames(part));
        const merged = mergeFrames(frames);
        const whole = new PairState(table);
        whole.apply(merged);
        assert.equal(contentOf(whole), contentOf(oneByOne));
        assert.equal(contentOf(parts), contentOf(oneByOne));
        assert.deepEqual(merged.logs, frames.flatMap((frame) => frame.logs));
        assert.deepEqual(rowsOf(merged.samples), frames.flatMap((frame) => rowsOf(frame.samples)));
        assert.equal(merged.fromSeq, 1);
        assert.equal(merged.seq, frames.length);
      }),
      { numRuns: 300 },
    );
  });

  it('carry tombstones, with the frame of the deletion', () => {
    const merged = mergeFrames([plainFrame({ seq: 1, puts: [{ key: 'a', value: 1 }] }), plainFrame({ seq: 2, puts: [{ key: 'a', value: null }] }), plainFrame({ seq: 3 })]);
    assert.deepEqual(merged.puts, [{ key: 'a', value: null, seq: 2 }]);
  });

  it('may be met again by one who holds a part of them', () => {
    const frames = [1, 2, 3].map((seq) => plainFrame({ seq, values: [[0, seq * 10, 0, seq]] }));
    const state = new PairState(table);
    state.apply(frames[0]!);
    state.apply(frames[1]!);
    state.apply(mergeFrames(frames));
    assert.equal(state.image.value(0), 30);
    assert.equal(state.position.seq, 3);
  });
});
