/** Steps from the top of a document: keys of mappings, indices of lists. */
export type Path = readonly (string | number)[];

/** As people write it: `points.AHU1.SaT.at`, `trends[0].points[2]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
