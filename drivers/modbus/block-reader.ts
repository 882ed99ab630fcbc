import { GOOD, qualityOf, type Quality } from '../../src/contract/quality.js';
import type { SampleBatch } from '../../src/contract/samples.js';
import { decodeBit, decodeRegisters, isScaled } from './codec.js';
import { isBitArea, READ_DATA_OFFSET, readRequest } from './pdu.js';
import type { Block, PlanPoint } from './plan.js';
import type { ModbusAddress } from './types.js';

const BAD_FORMAT = qualityOf('bad', 'format');

/** How a point is decoded: plain words, which most are, without a call for each. */
const UNSIGNED = 0;
const SIGNED = 1;
const PACKED_BIT = 2;
const OTHER = 3;

/** A block with its request and its points laid out for decoding: made once, used at every poll. */
export class BlockReader {
  readonly request: Uint8Array;
  private readonly ids: Uint32Array;
  /** Byte of the answer where a point begins; the bit's index where bits are packed. */
  private readonly places: Uint16Array;
  private readonly ways: Uint8Array;
  private readonly addresses: readonly ModbusAddress[];
  private readonly allGood: Uint8Array;

  constructor(readonly block: Block) {
    const { area, start, count, points } = block;
    const packed = isBitArea(area);
    this.request = readRequest(area, start, count);
    this.ids = Uint32Array.from(points, ({ id }) => id);
    this.addresses = points.map(({ address }) => address);
    this.places = Uint16Array.from(this.addresses, ({ offset }) => (packed ? offset - start : READ_DATA_OFFSET + 2 * (offset - start)));
    this.ways = Uint8Array.from(this.addresses, (address) => (packed ? PACKED_BIT : wayOf(address)));
    this.allGood = new Uint8Array(points.length).fill(GOOD);
  }

  /** The values in an answer that was found to fit the request. Columns that do not change are shared between batches. */
  decode(pdu: Uint8Array, times: Float64Array): SampleBatch {
    const { ids, places, ways, allGood } = this;
    const length = ids.length;
    const values = cells(length);
    let qualities = allGood;
    let texts: Map<number, string | bigint> | undefined;
    for (let row = 0; row < length; row++) {
      const at = places[row] as number;
      const way = ways[row];
      if (way === UNSIGNED) {
        values[row] = ((pdu[at] as number) << 8) | (pdu[at + 1] as number);
      } else if (way === SIGNED) {
        values[row] = ((pdu[at] as number) << 24 >> 16) | (pdu[at + 1] as number);
      } else if (way === PACKED_BIT) {
        values[row] = decodeBit(pdu, READ_DATA_OFFSET, at);
      } else {
        const value = decodeRegisters(pdu, at, this.addresses[row] as ModbusAddress);
        if (typeof value === 'number') values[row] = value;
        else {
          values[row] = NaN;
          if (value !== undefined) (texts ??= new Map()).set(row, value);
          else {
            if (qualities === allGood) qualities = allGood.slice();
            qualities[row] = BAD_FORMAT;
          }
        }
      }
    }
    return { length, points: ids, values, qualities, times, ...(texts === undefined ? {} : { texts }) };
  }

  /** All points with no value and one quality. */
  all(quality: Quality, timeMs: number): SampleBatch {
    const { length } = this.ids;
    return {
      length,
      points: this.ids,
      values: new Float64Array(length).fill(NaN),
      qualities: new Uint8Array(length).fill(quality),
      times: new Float64Array(length).fill(timeMs),
    };
  }
}

/** Values are cut from larger pieces: an array of its own for each block would cost more than its decoding. */
const PIECE = 4096;
let piece = new Float64Array(PIECE);
let used = 0;

function cells(length: number): Float64Array {
  if (length > PIECE) return new Float64Array(length);
  if (used + length > PIECE) {
    piece = new Float64Array(PIECE);
    used = 0;
  }
  used += length;
  return new Float64Array(piece.buffer, (used - length) * Float64Array.BYTES_PER_ELEMENT, length);
}

/** Columns of one time: blocks that come in one millisecond share them. */
export class TimeColumns {
  private timeMs = NaN;
  private readonly columns = new Map<number, Float64Array>();

  of(timeMs: number, length: number): Float64Array {
    if (timeMs !== this.timeMs) {
      this.timeMs = timeMs;
      this.columns.clear();
    }
    let column = this.columns.get(length);
    if (column === undefined) {
      column = new Float64Array(length).fill(timeMs);
      this.columns.set(length, column);
    }
    return column;
  }
}

function wayOf(address: ModbusAddress): number {
  if (isScaled(address) || address.byteOrder === 'little') return OTHER;
  if (address.type === 'uint16') return UNSIGNED;
  return address.type === 'int16' ? SIGNED : OTHER;
}

/** Reads one point in the answer to a block of its own. */
export function valueIn(block: Pick<Block, 'area' | 'start'>, pdu: Uint8Array, address: PlanPoint['address']) {
  const index = address.offset - block.start;
  if (!isBitArea(block.area)) return decodeRegisters(pdu, READ_DATA_OFFSET + 2 * index, address);
  return decodeBit(pdu, READ_DATA_OFFSET, index);
}
