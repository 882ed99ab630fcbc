/** What a drawn element holds: elements in it, itself among them, and what these refer to by `href` or `url(#id)`. */
export interface Holding {
  elements: number;
  readonly refers: string[];
}

/**
 * How many elements a browser draws of `id`, every reference followed: ten elements that each use another one ten times are ten
 * thousand million. Infinity where something refers to itself.
 */
export function drawnWeight(id: string, holdings: ReadonlyMap<string, Holding>, known = new Map<string, number>()): number {
  const before = known.get(id);
  if (before !== undefined) return before;
  const holding = holdings.get(id);
  if (holding === undefined) return 0;
  // Until it is counted: what refers back to it goes round for ever.
  known.set(id, Infinity);
  const weight = holding.refers.reduce((sum, other) => sum + drawnWeight(other, holdings, known), holding.elements);
  known.set(id, weight);
  return weight;
}
