import type { WireAlarm, WirePoint } from '../../contract/client-protocol.js';

/** Areas of these, with those above them (`Tower/F1` lies in `Tower`), in the order of the alphabet. */
export function areasOf(things: readonly { readonly area?: string | undefined }[]): readonly string[] {
  const found = new Set<string>();
  for (const { area } of things) {
    if (area === undefined || found.has(area)) continue;
    const parts = area.split('/');
    for (let count = 1; count <= parts.length; count++) found.add(parts.slice(0, count).join('/'));
  }
  return [...found].sort((a, b) => a.localeCompare(b));
}

/** Where an alarm lies: its own area, that of its point, or those of the points of its device; `null`: in none, it is of the site. */
export function areasOfAlarm({ name, area, point, device = name.replace(/^communication\//, '') }: WireAlarm, points: readonly WirePoint[]): readonly (string | null)[] {
  if (area !== undefined) return [area];
  const placed = points.filter((each) => (point === '' ? each.device === device : each.name === point));
  return placed.length === 0 ? [null] : [...new Set(placed.map((each) => each.area ?? null))];
}
