import { useMemo, useRef } from 'react';
import type { PointsView } from '../../data/point-board.js';
import { matchingPlaces, ofQuality, searchTexts, type PointFilter } from './point-filter.js';
import { isLive, rankNames, sortPlaces, type Sort } from './point-order.js';

/** Rows that jump at every change cannot be read. */
const sortedAnewMs = 3_000;

/**
 * Places of the points to show, in their order. What depends on names, devices and areas is worked out once for the configuration
 * and the filter; only the quality is looked at for each view, and an order by value is made anew every three seconds.
 */
export function useShownPoints({ points, shape }: PointsView, filter: PointFilter, sort: Sort | undefined): readonly number[] {
  const texts = useOnce(shape, () => searchTexts(points));
  const ranks = useOnce(shape, () => rankNames(points));
  const { search, device, area, tag, writableOnly } = filter;
  // The points are not among what it depends on: as long as their shape is the same, the result is.
  const matching = useMemo(() => matchingPlaces(points, texts, filter), [shape, search, device, area, tag, writableOnly]);
  const stamp = sort !== undefined && isLive(sort) ? Math.floor(Date.now() / sortedAnewMs) : 0;
  const sorted = useMemo(() => (sort === undefined ? matching : sortPlaces(matching, points, ranks, sort)), [matching, sort, stamp]);
  return ofQuality(sorted, points, filter.quality);
}

/** Worked out when it is asked for, and again only for another shape. */
function useOnce<T>(shape: number, make: () => T): () => T {
  const kept = useRef<{ readonly shape: number; readonly value: T }>(undefined);
  return () => {
    if (kept.current?.shape !== shape) kept.current = { shape, value: make() };
    return kept.current.value;
  };
}
