import { isBitArea, type Area } from './pdu.js';
import type { ModbusAddress, ModbusUnit } from './types.js';

/** One point to be read. */
export interface PlanPoint {
  readonly id: number;
  readonly address: ModbusAddress;
}

/** One request: `count` registers or bits from `start`, and the points that it serves, by offset. */
export interface Block {
  readonly area: Area;
  readonly start: number;
  readonly count: number;
  readonly points: readonly PlanPoint[];
}

export type Limits = Pick<ModbusUnit, 'maxGap' | 'maxRegisters' | 'maxCoils'>;

/** Whether a block from `start` to before `end` would touch what the device is known to refuse. */
export type Refused = (area: Area, start: number, end: number) => boolean;

/** Bits cost a sixteenth of a register on the wire, so a gap of them may be that much longer. */
const BITS_PER_REGISTER = 16;
/** One is enough to tell an answer from a late one; each that is owed besides takes another. */
const MOST_SPARE = 16;

/**
 * Lays points into blocks: one area each, gaps and sizes within the limits, a value never split, nothing in
 * them that was refused before.
 */
export function planBlocks(points: readonly PlanPoint[], limits: Limits, refused: Refused): Block[] {
  const blocks: Block[] = [];
  let open: { area: Area; start: number; end: number; points: PlanPoint[] } | undefined;
  const close = (): void => {
    if (open !== undefined) blocks.push({ area: open.area, start: open.start, count: open.end - open.start, points: open.points });
  };
  for (const point of [...points].sort(byPlace)) {
    const { area, offset, count } = point.address;
    if (open?.area === area) {
      const end = Math.max(open.end, offset + count);
      const bits = isBitArea(area);
      const fits = end - open.start <= (bits ? limits.maxCoils : limits.maxRegisters);
      const near = offset - open.end <= limits.maxGap * (bits ? BITS_PER_REGISTER : 1);
      if (fits && near && !refused(area, open.start, end)) {
        open.end = end;
        open.points.push(point);
        continue;
      }
    }
    close();
    open = { area, start: offset, end: offset + count, points: [point] };
  }
  close();
  return blocks;
}

/** How much may be read past the end of a block, so that its answer is told from a late one by its length. */
export type Spare = (area: Area, start: number, count: number) => number;

/** Nothing where the integrator wants nothing read that is no point, nothing past what the device takes, nothing that it is known to refuse. */
export function spareWithin(limits: Limits, refused: Refused): Spare {
  return (area, start, count) => {
    if (limits.maxGap === 0) return 0;
    const bits = isBitArea(area);
    const step = bits ? BITS_PER_REGISTER : 1;
    let spare = Math.min((bits ? limits.maxCoils : limits.maxRegisters) - count, 0x1_0000 - start - count, MOST_SPARE * step);
    while (spare > 0 && refused(area, start + count - 1, start + count + spare)) spare -= step;
    return Math.max(0, spare);
  };
}

/** Two halves of a refused block, by points; undefined where all its points lie in one place. */
export function bisect(block: Block): [Block, Block] | undefined {
  const { points } = block;
  const middle = points.length / 2;
  let split: number | undefined;
  for (let index = 1; index < points.length; index++) {
    if (points[index]?.address.offset === points[index - 1]?.address.offset) continue;
    if (split === undefined || Math.abs(index - middle) < Math.abs(split - middle)) split = index;
  }
  if (split === undefined) return undefined;
  return [around(block.area, points.slice(0, split)), around(block.area, points.slice(split))];
}

function around(area: Area, points: readonly PlanPoint[]): Block {
  let start = Infinity;
  let end = 0;
  for (const { address } of points) {
    start = Math.min(start, address.offset);
    end = Math.max(end, address.offset + address.count);
  }
  return { area, start, count: end - start, points };
}

function byPlace(a: PlanPoint, b: PlanPoint): number {
  if (a.address.area !== b.address.area) return a.address.area < b.address.area ? -1 : 1;
  return a.address.offset - b.address.offset || a.address.count - b.address.count || a.id - b.id;
}
