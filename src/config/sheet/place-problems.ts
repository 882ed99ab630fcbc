import { columnLetters, type Problem, type SheetPlaces, type SheetSection } from '../../contract/index.js';

/**
 * What the check of a document found, where the table has it: at its cell, or at the first one of its row. What is in no row stays
 * as it was found.
 */
export function placedInSheet(problems: readonly Problem[], section: SheetSection, places: SheetPlaces, file: string): readonly Problem[] {
  return problems.map((problem) => placed(problem, section, places, file) ?? problem);
}

function placed(problem: Problem, section: SheetSection, { titles, rows }: SheetPlaces, file: string): Problem | undefined {
  const steps = stepsOf(problem.path, section, rows);
  if (steps === undefined) return undefined;
  const { row, key } = steps;
  const known = titles.map((title) => title?.toLowerCase());
  // `states[1]` is in the cell of `states`, `write.verify.within` in its own or in that of `write`.
  let title = key.replace(/\[.*$/, '').toLowerCase();
  while (title !== '' && !known.includes(title)) title = title.slice(0, Math.max(0, title.lastIndexOf('.')));
  const index = Math.max(0, title === '' ? known.findIndex((its) => its === 'name' || its === 'entry') : known.indexOf(title));
  const named = titles[index];
  return { ...problem, file, line: row, column: index + 1, path: `${columnLetters(index)}${row}${named === undefined ? '' : ` ${named}`}` };
}

/** Row and key of `points.AHU1.SaT.write.min`, where a name may have dots of its own. */
function stepsOf(path: string, section: SheetSection, rows: ReadonlyMap<string, number>): { readonly row: number; readonly key: string } | undefined {
  const entry = new RegExp(`^${section}\\[(\\d+)\\]\\.?`).exec(path);
  if (entry !== null) {
    const row = rows.get(entry[1] ?? '');
    return row === undefined ? undefined : { row, key: path.slice(entry[0].length) };
  }
  // What is different in an instance of a template has its point's row, too.
  const [before] = /^use\[\d+\]\.differs\./.exec(section === 'points' ? path : '') ?? [`${section}.`];
  if (!path.startsWith(before)) return undefined;
  const rest = path.slice(before.length);
  for (let end = rest.length; end > 0; end = Math.max(rest.lastIndexOf('.', end - 1), rest.lastIndexOf('[', end - 1))) {
    const row = rows.get(rest.slice(0, end));
    if (row !== undefined) return { row, key: rest.slice(end).replace(/^\./, '') };
  }
  return undefined;
}
