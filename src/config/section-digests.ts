import { createHash } from 'node:crypto';
import { sectionsOf } from './compare-documents.js';

/** Top-level blocks of a site document as 16 hexadecimal digits each, which are equal where the blocks read the same. */
export function sectionDigests(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(sectionsOf(text)).map(([section, value]) => [section, createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)]));
}
