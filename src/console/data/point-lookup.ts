import type { ClientPoint } from '../../client-sdk/index.js';

const patience = 100;

/** Finds points by name in a view of a hundred thousand, again and again: places are remembered and looked at before they are used. */
export class PointLookup {
  private places = new Map<string, number>();
  private size = -1;
  private misses = 0;

  find(points: readonly ClientPoint[], name: string): ClientPoint | undefined {
    const place = this.places.get(name);
    const point = place === undefined ? undefined : points[place];
    if (point?.name === name) return point;
    // A name that was not there may come with a configuration of as many points: looked for again, but not each time.
    if (place === undefined && this.size === points.length && ++this.misses % patience !== 0) return undefined;
    this.places = new Map(points.map((each, index) => [each.name, index]));
    this.size = points.length;
    const found = this.places.get(name);
    return found === undefined ? undefined : points[found];
  }
}
