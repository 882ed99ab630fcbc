import type { ClientPoint } from '../../client-sdk/index.js';
import { isGood } from '../../contract/quality.js';

/** The points as pages get them. */
export interface PointsView {
  /** In configuration order. A point that changed is another object, one that did not is the same. */
  readonly points: readonly ClientPoint[];
  /** Another number where the points themselves are others, and not only their values: what is derived from names, devices and areas holds until then. */
  readonly shape: number;
  readonly good: number;
  readonly notGood: number;
}

let shapes = 0;

/**
 * All points in their places, kept up by what has changed: with a hundred thousand of them, a view for each frame costs
 * the copy of an array, and not a walk over every point.
 */
export class PointBoard {
  #points: ClientPoint[] = [];
  /** Place of a point, by the number that the node gave it. */
  readonly #places: number[] = [];
  #shape = ++shapes;
  #good = 0;
  #view: PointsView | undefined;

  replace(points: readonly ClientPoint[]): void {
    const same = points.length === this.#points.length && points.every((point, place) => isSame(point, this.#points[place]));
    if (!same) this.#shape = ++shapes;
    this.#points = [...points];
    this.#places.length = 0;
    this.#good = 0;
    for (const [place, { index, quality }] of points.entries()) {
      this.#places[index] = place;
      if (isGood(quality)) this.#good++;
    }
    this.#view = undefined;
  }

  change(points: readonly ClientPoint[]): void {
    for (const point of points) {
      const place = this.#places[point.index];
      const held = place === undefined ? undefined : this.#points[place];
      if (place === undefined || held?.name !== point.name) continue;
      this.#good += Number(isGood(point.quality)) - Number(isGood(held.quality));
      this.#points[place] = point;
    }
    this.#view = undefined;
  }

  view(): PointsView {
    this.#view ??= { points: this.#points.slice(), shape: this.#shape, good: this.#good, notGood: this.#points.length - this.#good };
    return this.#view;
  }
}

function isSame(point: ClientPoint, held: ClientPoint | undefined): boolean {
  return held?.name === point.name && held.device === point.device && held.area === point.area && held.writable === point.writable && held.tags?.join() === point.tags?.join();
}
