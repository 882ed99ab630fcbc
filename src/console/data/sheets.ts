import type { SheetDiff, SheetSection } from '../../contract/configuration-sheet.js';
import { download } from './download.js';
import { postJson, putJson } from './rest.js';

const root = 'api/v1/configuration/sheets';

export type SheetSeparatorName = ';' | ',' | 'tab';

export async function saveSheet(url: string, section: SheetSection, separator: SheetSeparatorName, name: string): Promise<void> {
  await download(url, `${root}/${section}?separator=${encodeURIComponent(separator)}`, name);
}

export async function diffSheet(url: string, section: SheetSection, sheet: string, missing: 'keep' | 'delete', token: string): Promise<SheetDiff> {
  return (await postJson(url, `${root}/${section}/diff`, { sheet, missing }, token)) as SheetDiff;
}

/** Gives the number under which it is in force; undefined where nothing differs. */
export async function applySheet(url: string, section: SheetSection, sheet: string, missing: 'keep' | 'delete', change: { readonly expected: string; readonly comment: string; readonly file: string }, token: string): Promise<number | undefined> {
  const { applied } = (await putJson(url, `${root}/${section}`, { sheet, missing, ...change }, token)) as { readonly applied?: { readonly number: number } };
  return applied?.number;
}
