import { isMap, isScalar, parseDocument, YAMLMap, type Document } from 'yaml';
import { TandemError } from '../contract/index.js';
import { checkDepth } from './text-depth.js';

const WRITTEN = { lineWidth: 0, flowCollectionPadding: false } as const;

/**
 * A site document with the sections of `blocks` (what a discovery or an import gives) added to its own: each entry
 * under its name, with its comments; what is there already stays as it is.
 * @throws CONFIG_SYNTAX where one of them cannot be read, CONFIG_INVALID where a name is taken
 */
export function addBlocks(text: string, blocks: string): string {
  const document = read(text);
  const added = read(blocks);
  if (!isMap(added.contents)) return text;
  for (const { key, value } of added.contents.items) {
    const section = String(key);
    if (!isMap(value)) continue; // an empty section
    const known = document.get(section);
    const target = isMap(known) ? known : new YAMLMap(document.schema);
    if (target !== known) document.set(section, target);
    // What stands above the first entry is kept with the section, and is about the entry.
    const [first] = value.items;
    if (isScalar(first?.key) && typeof value.commentBefore === 'string') first.key.commentBefore = value.commentBefore;
    for (const entry of value.items) {
      if (target.has(entry.key)) throw new TandemError('CONFIG_INVALID', `${section} has ${String(entry.key)} already`);
      target.flow = false;
      target.items.push(entry);
    }
  }
  return document.toString(WRITTEN);
}

function read(text: string): Document.Parsed {
  checkDepth(text);
  const document = parseDocument(text, { schema: 'core', logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) throw new TandemError('CONFIG_SYNTAX', error.message);
  return document;
}
