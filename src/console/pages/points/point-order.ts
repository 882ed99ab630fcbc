import type { ClientPoint, WireValue } from '../../../client-sdk/index.js';

export const sortKeys = ['name', 'value', 'quality', 'time', 'device'] as const;
export type SortKey = (typeof sortKeys)[number];

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

/** One click sorts upwards, the next downwards, the third as configured again. */
export function nextSort(sort: Sort | undefined, key: SortKey): Sort | undefined {
  if (sort?.key !== key) return { key, descending: false };
  return sort.descending ? undefined : { key, descending: true };
}

/** Whether the order may change while the points stay the same. */
export function isLive(sort: Sort): boolean {
  return sort.key === 'value' || sort.key === 'quality' || sort.key === 'time';
}

/**
 * Places in the order of `sort`; those that are alike stay as they were. What has no value comes last, whichever way.
 * `ranks`: of the names, from {@link rankNames}.
 */
export function sortPlaces(places: readonly number[], points: readonly ClientPoint[], ranks: () => readonly number[], { key, descending }: Sort): readonly number[] {
  const names = key === 'name' || key === 'device' ? ranks() : [];
  const keys = places.map((place): number | string => {
    const point = points[place];
    if (point === undefined) return Infinity;
    switch (key) {
      case 'name':
        return names[place] ?? 0;
      case 'device':
        return point.device;
      case 'quality':
        return point.quality;
      case 'time':
        return point.timeMs;
      case 'value':
        return numberOf(point.value);
    }
  });
  const sign = descending ? -1 : 1;
  const compare = (a: number | string, b: number | string): number => {
    if (a === b) return 0;
    if (a === Infinity || b === Infinity) return a === Infinity ? 1 : -1;
    return a < b ? -sign : sign;
  };
  return places
    .map((place, at) => ({ place, key: keys[at] ?? Infinity }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ place }) => place);
}

/** Where each name stands in the alphabet; digits count as numbers: `Ahu2` comes before `Ahu10`. */
export function rankNames(points: readonly ClientPoint[]): readonly number[] {
  const keyed = points.map(({ name }, place) => ({ place, key: name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(8, '0')) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const ranks = new Array<number>(points.length).fill(0);
  for (const [rank, { place }] of keyed.entries()) ranks[place] = rank;
  return ranks;
}

function numberOf(value: WireValue): number {
  const number = value === null ? NaN : Number(value);
  return Number.isFinite(number) ? number : Infinity;
}
