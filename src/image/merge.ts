import { SampleBuilder } from '../contract/index.js';
import type { Frame, LogEntry, Put } from './frame.js';

/**
 * One frame in place of several that follow each other: the latest value of each point and key with its own
 * seq, every log entry and trend sample. What a slow consumer gets; nothing but repeated values is left out.
 * All frames are of one configuration revision, and there is at least one.
 */
export function mergeFrames(frames: readonly Frame[]): Frame {
  const last = frames.at(-1);
  const first = frames[0];
  if (first === undefined || last === undefined) throw new RangeError('nothing to merge');
  if (frames.length === 1) return last;
  const latest = new Map<number, readonly [frame: Frame, row: number]>();
  const puts = new Map<string, Put>();
  const logs: LogEntry[] = [];
  const samples = new SampleBuilder(frames.reduce((sum, frame) => sum + frame.samples.length, 1));
  for (const frame of frames) {
    const { points, length } = frame.values;
    for (let row = 0; row < length; row++) latest.set(points[row] as number, [frame, row]);
    for (const put of frame.puts) puts.set(put.key, { ...put, seq: put.seq ?? frame.seq });
    logs.push(...frame.logs);
    const { samples: some } = frame;
    for (let row = 0; row < some.length; row++) {
      samples.add(some.points[row] as number, some.texts?.get(row) ?? (some.values[row] as number), some.qualities[row] as number, some.times[row] as number);
    }
  }
  const values = new SampleBuilder(latest.size + 1);
  const seqs = new Float64Array(latest.size);
  let row = 0;
  for (const [point, [frame, at]] of latest) {
    const from = frame.values;
    values.add(point, from.texts?.get(at) ?? (from.values[at] as number), from.qualities[at] as number, from.times[at] as number);
    seqs[row++] = from.seqs?.[at] ?? frame.seq;
  }
  return { ...last, fromSeq: first.fromSeq, values: { ...values.take(), seqs }, samples: samples.take(), puts: [...puts.values()], logs };
}

/** Whether the frame brings entries that another node wrote while the two were apart. */
export function hasAdopted({ epoch, seq, fromSeq, logs }: Frame): boolean {
  return fromSeq === seq && logs.some(({ id }) => !id.startsWith(`${epoch.number}.${seq}.`) || !id.endsWith(`.${epoch.nonce}`));
}
