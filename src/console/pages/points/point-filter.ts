import type { ClientPoint } from '../../../client-sdk/index.js';
import { isInArea } from '../../../contract/alarm.js';
import { isGood } from '../../../contract/quality.js';

export interface PointFilter {
  readonly search: string;
  readonly quality: 'all' | 'good' | 'notGood';
  /** Empty: any. */
  readonly device: string;
  /** With all areas below it; empty: any. */
  readonly area: string;
  /** Empty: any. */
  readonly tag: string;
  readonly writableOnly: boolean;
}

export const noFilter: PointFilter = { search: '', quality: 'all', device: '', area: '', tag: '', writableOnly: false };

/** What is searched of each point, in lower case. */
export function searchTexts(points: readonly ClientPoint[]): readonly string[] {
  return points.map(({ name, device, area = '', tags = [] }) => `${name} ${device} ${area} ${tags.join(' ')}`.toLowerCase());
}

/**
 * Places of the points that match by what does not change with their values, in configuration order. Every word of the search
 * must occur somewhere. `searched`: from {@link searchTexts}.
 */
export function matchingPlaces(points: readonly ClientPoint[], searched: () => readonly string[], { search, device, area, tag, writableOnly }: PointFilter): readonly number[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const texts = words.length === 0 ? [] : searched();
  const found: number[] = [];
  for (const [place, point] of points.entries()) {
    if (device !== '' && point.device !== device) continue;
    if (area !== '' && !isInArea(point.area, area)) continue;
    if (tag !== '' && point.tags?.includes(tag) !== true) continue;
    if (writableOnly && !point.writable) continue;
    const text = texts[place] ?? '';
    if (words.every((word) => text.includes(word))) found.push(place);
  }
  return found;
}

/** Of these places, those whose point has such a quality now. */
export function ofQuality(places: readonly number[], points: readonly ClientPoint[], quality: PointFilter['quality']): readonly number[] {
  if (quality === 'all') return places;
  return places.filter((place) => {
    const point = points[place];
    return point !== undefined && isGood(point.quality) === (quality === 'good');
  });
}
