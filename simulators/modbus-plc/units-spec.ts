/** `3`, `1-40`, `1-8,12`: unit numbers as people write them. Undefined where it is none of that. */
export function unitsOf(text: string | number): readonly number[] | undefined {
  const units: number[] = [];
  for (const part of String(text).split(',')) {
    const range = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part.trim());
    if (range === null) return undefined;
    const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
    if (first > last || last > 255) return undefined;
    for (let unit = first; unit <= last; unit++) units.push(unit);
  }
  return units;
}
