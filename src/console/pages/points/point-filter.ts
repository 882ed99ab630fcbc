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

/** The points that match, in configuration order. Every word of the search must occur somewhere. */
export function filterPoints(points: readonly ClientPoint[], filter: PointFilter): readonly ClientPoint[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0 && filter.quality === 'all' && filter.device === '' && filter.area === '' && filter.tag === '' && !filter.writableOnly) return points;
  return points.filter((point) => {
    if (filter.device !== '' && point.device !== filter.device) return false;
    if (filter.area !== '' && !isInArea(point.area, filter.area)) return false;
    if (filter.tag !== '' && point.tags?.includes(filter.tag) !== true) return false;
    if (filter.writableOnly && !point.writable) return false;
    if (filter.quality !== 'all' && isGood(point.quality) !== (filter.quality === 'good')) return false;
    if (words.length === 0) return true;
    const text = `${point.name} ${point.device} ${point.area ?? ''} ${point.tags?.join(' ') ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
