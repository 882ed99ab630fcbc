import assert from 'node:assert/strict';
import type { ClientPoint } from '../../src/client-sdk/index.js';
import { GOOD, qualityOf } from '../../src/contract/quality.js';
import { PointBoard } from '../../src/console/data/point-board.js';
import { matchingPlaces, noFilter, ofQuality, searchTexts } from '../../src/console/pages/points/point-filter.js';
import { nextSort, rankNames, sortPlaces } from '../../src/console/pages/points/point-order.js';

const point = (index: number, name: string, value: number | null, change: Partial<ClientPoint> = {}): ClientPoint => ({ index, name, device: `d${String(index % 2)}`, kind: 'number', writable: index === 0, value, quality: GOOD, timeMs: 1_000 + index, seq: 1, ...change });

describe('console: which points are shown, and in which order', () => {
  const points = [point(0, 'Ahu10.T', 3), point(1, 'Ahu2.T', null), point(2, 'ahu1.T', -5, { area: 'Tower/F1' }), point(3, 'Vav.Flow', 7, { quality: qualityOf('bad', 'fault') })];
  const names = (places: readonly number[]): readonly string[] => places.map((place) => points[place]?.name ?? '');
  const all = points.map((_, place) => place);
  const sorted = (key: 'name' | 'value' | 'quality' | 'time' | 'device', descending = false): readonly string[] => names(sortPlaces(all, points, () => rankNames(points), { key, descending }));

  it('sorts digits in names as numbers, values with those that have none last, and what is alike as configured', () => {
    assert.deepEqual(sorted('name'), ['ahu1.T', 'Ahu2.T', 'Ahu10.T', 'Vav.Flow']);
    assert.deepEqual(sorted('value'), ['ahu1.T', 'Ahu10.T', 'Vav.Flow', 'Ahu2.T']);
    assert.deepEqual(sorted('value', true), ['Vav.Flow', 'Ahu10.T', 'ahu1.T', 'Ahu2.T']);
    assert.deepEqual(sorted('quality', true), ['Vav.Flow', 'Ahu10.T', 'Ahu2.T', 'ahu1.T']);
    assert.deepEqual(sorted('device'), ['Ahu10.T', 'ahu1.T', 'Ahu2.T', 'Vav.Flow']);
    assert.deepEqual([undefined, { key: 'name', descending: false } as const, { key: 'name', descending: true } as const].map((sort) => nextSort(sort, 'name')), [{ key: 'name', descending: false }, { key: 'name', descending: true }, undefined]);
  });

  it('finds by every word, by area with those below, and by quality', () => {
    const found = (change: Partial<typeof noFilter>): readonly string[] => names(matchingPlaces(points, () => searchTexts(points), { ...noFilter, ...change }));
    assert.deepEqual(found({ search: ' T  ahu ' }), ['Ahu10.T', 'Ahu2.T', 'ahu1.T']);
    assert.deepEqual(found({ area: 'Tower' }), ['ahu1.T']);
    assert.deepEqual(found({ device: 'd1', search: 'flow' }), ['Vav.Flow']);
    assert.deepEqual(found({ writableOnly: true }), ['Ahu10.T']);
    assert.deepEqual(names(ofQuality(all, points, 'notGood')), ['Vav.Flow']);
  });

  it('keeps places and counts as values change, and its shape until the points are others', () => {
    const board = new PointBoard();
    board.replace(points);
    const before = board.view();
    assert.deepEqual([before.good, before.notGood], [3, 1]);
    board.change([point(3, 'Vav.Flow', 8), point(0, 'Ahu10.T', 4, { quality: qualityOf('stale') }), point(9, 'unknown', 1)]);
    const after = board.view();
    assert.deepEqual(after.points.map(({ value }) => value), [4, null, -5, 8]);
    assert.deepEqual([after.good, after.notGood, after.shape], [3, 1, before.shape]);
    // What was given out before is not changed under whoever draws it.
    assert.equal(before.points[0]?.value, 3);
    board.replace(points);
    assert.equal(board.view().shape, before.shape);
    board.replace(points.slice(1));
    assert.notEqual(board.view().shape, before.shape);
    assert.deepEqual([board.view().good, board.view().notGood], [2, 1]);
  });
});
