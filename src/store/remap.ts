import type { SampleBatch } from '../contract/index.js';
import type { Frame, PointTable } from '../image/index.js';

/** A frame of an older configuration revision, as the present one says it: rows found by name, others dropped. */
export function remapFrame(frame: Frame, old: PointTable, table: PointTable): Frame {
  const ids = old.all().map(({ name, kind }) => {
    const now = table.find(name);
    return now !== undefined && (now.kind === kind || !old.knowsKinds) ? now.id : undefined;
  });
  return { ...frame, revision: table.revision, values: remapBatch(frame.values, ids), samples: remapBatch(frame.samples, ids) };
}

function remapBatch<T extends SampleBatch & { seqs?: Float64Array }>(batch: T, ids: readonly (number | undefined)[]): T {
  const rows: number[] = [];
  for (let row = 0; row < batch.length; row++) if (ids[batch.points[row] as number] !== undefined) rows.push(row);
  const texts = batch.texts;
  return {
    ...batch,
    length: rows.length,
    points: Uint32Array.from(rows, (row) => ids[batch.points[row] as number] as number),
    values: Float64Array.from(rows, (row) => batch.values[row] as number),
    qualities: Uint8Array.from(rows, (row) => batch.qualities[row] as number),
    times: Float64Array.from(rows, (row) => batch.times[row] as number),
    ...(batch.seqs === undefined ? {} : { seqs: Float64Array.from(rows, (row) => batch.seqs?.[row] ?? 0) }),
    ...(texts === undefined ? {} : { texts: new Map(rows.flatMap((row, index) => (texts.has(row) ? [[index, texts.get(row) as string | bigint]] : []))) }),
  };
}
