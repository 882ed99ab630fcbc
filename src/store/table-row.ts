import type { PointDefinition } from '../contract/index.js';
import { PointTable } from '../image/index.js';

type NamedKind = readonly [name: string, kind: PointDefinition['kind']];

/** What the store keeps of a configuration revision, so that its frames can be read later: names and kinds in id order. */
export function encodeTable(table: PointTable): Buffer {
  return Buffer.from(JSON.stringify(table.all().map(({ name, kind }): NamedKind => [name, kind])));
}

/** The table as far as its frames need it. Before version 0.2 only the names were kept. */
export function decodeTable(revision: string, bytes: Buffer | undefined): PointTable {
  const rows = bytes === undefined ? [] : (JSON.parse(bytes.toString('utf8')) as readonly (string | NamedKind)[]);
  const points = rows.map((row, id): PointDefinition => {
    const [name, kind] = typeof row === 'string' ? [row, 'number' as const] : row;
    return { id, name, kind, device: '', poll: 'normal' };
  });
  return new PointTable(revision, points, rows.every((row) => typeof row !== 'string'));
}
