import type { Identification } from './identification.js';

/** Data areas of a Modbus device: coils, discrete inputs, holding and input registers. */
export type PlcArea = 'co' | 'di' | 'hr' | 'ir';
export type Order = 'big' | 'little';

export interface WordOptions {
  readonly wordOrder?: Order;
  readonly byteOrder?: Order;
}

/** What a client wrote, or a program of the PLC may react to. Values are registers (0…65535) or bits (0/1). */
export interface PlcWrite {
  readonly timeMs: number;
  readonly remote: string;
  readonly unit: number;
  readonly area: 'co' | 'hr';
  readonly address: number;
  readonly values: readonly number[];
}

/** What an address shows that nobody has written: a register, or the lowest bit of it. */
export type Background = (area: PlcArea, address: number) => number;

const SIZE = 65_536;

interface Space {
  readonly values: Uint16Array;
  /** Addresses that were written, where there is a background. */
  readonly written: Uint8Array | undefined;
}

/** One unit: the whole register space of the four areas, all zero or as its background has it, every address there unless it is forbidden. */
export class PlcUnit {
  /** Objects of function 43 / 14; none, and the function is refused. */
  identification: Identification = new Map();
  private readonly areas = new Map<PlcArea, Space>();
  private readonly forbidden: { area: PlcArea; start: number; end: number }[] = [];
  private readonly listeners = new Set<(write: PlcWrite) => void>();

  constructor(readonly id: number, private readonly background?: Background) {}

  /** Raw registers or bits, as a client would read them. */
  get(area: PlcArea, address: number, count = 1): number[] {
    const { background } = this;
    const { values, written } = this.space(area);
    if (background === undefined || written === undefined) return Array.from(values.subarray(address, address + count));
    const mask = area === 'co' || area === 'di' ? 1 : 0xffff;
    return Array.from({ length: Math.min(count, SIZE - address) }, (_, index) => (written[address + index] === 1 ? (values[address + index] ?? 0) : background(area, address + index) & mask));
  }

  set(area: PlcArea, address: number, values: readonly number[]): void {
    const space = this.space(area);
    space.values.set(values, address);
    space.written?.fill(1, address, address + values.length);
  }

  setBool(area: 'co' | 'di', address: number, on: boolean): void {
    this.set(area, address, [Number(on)]);
  }

  setInt16(area: 'hr' | 'ir', address: number, value: number, options: WordOptions = {}): void {
    this.encode(area, address, 2, options, (view) => view.setInt16(0, value));
  }

  setUint16(area: 'hr' | 'ir', address: number, value: number, options: WordOptions = {}): void {
    this.encode(area, address, 2, options, (view) => view.setUint16(0, value));
  }

  setInt32(area: 'hr' | 'ir', address: number, value: number, options: WordOptions = {}): void {
    this.encode(area, address, 4, options, (view) => view.setInt32(0, value));
  }

  setUint32(area: 'hr' | 'ir', address: number, value: number, options: WordOptions = {}): void {
    this.encode(area, address, 4, options, (view) => view.setUint32(0, value));
  }

  setInt64(area: 'hr' | 'ir', address: number, value: bigint, options: WordOptions = {}): void {
    this.encode(area, address, 8, options, (view) => view.setBigInt64(0, value));
  }

  setUint64(area: 'hr' | 'ir', address: number, value: bigint, options: WordOptions = {}): void {
    this.encode(area, address, 8, options, (view) => view.setBigUint64(0, value));
  }

  setFloat32(area: 'hr' | 'ir', address: number, value: number, options: WordOptions = {}): void {
    this.encode(area, address, 4, options, (view) => view.setFloat32(0, value));
  }

  setFloat64(area: 'hr' | 'ir', address: number, value: number, options: WordOptions = {}): void {
    this.encode(area, address, 8, options, (view) => view.setFloat64(0, value));
  }

  /** Reads a float32 that lies in the common order, as a building model does with a set-point. */
  getFloat32(area: 'hr' | 'ir', address: number): number {
    const [high = 0, low = 0] = this.get(area, address, 2);
    const view = new DataView(new ArrayBuffer(4));
    view.setUint16(0, high);
    view.setUint16(2, low);
    return view.getFloat32(0);
  }

  /** These addresses do not exist: exception 2. */
  forbid(area: PlcArea, start: number, count: number): void {
    this.forbidden.push({ area, start, end: start + count });
  }

  allowAll(): void {
    this.forbidden.length = 0;
  }

  exists(area: PlcArea, start: number, count: number): boolean {
    return start + count <= SIZE && !this.forbidden.some((range) => range.area === area && range.start < start + count && range.end > start);
  }

  /** Called after each write of a client. Returns what takes the listener away. */
  onWrite(listener: (write: PlcWrite) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A client's write, for the function handlers. */
  written(write: PlcWrite): void {
    this.set(write.area, write.address, write.values);
    for (const listener of this.listeners) listener(write);
  }

  private space(area: PlcArea): Space {
    let space = this.areas.get(area);
    if (space === undefined) {
      space = { values: new Uint16Array(SIZE), written: this.background === undefined ? undefined : new Uint8Array(SIZE) };
      this.areas.set(area, space);
    }
    return space;
  }

  private encode(area: 'hr' | 'ir', address: number, bytes: 2 | 4 | 8, options: WordOptions, put: (view: DataView) => void): void {
    const view = new DataView(new ArrayBuffer(bytes));
    put(view);
    const words = Array.from({ length: bytes / 2 }, (_, index) => view.getUint16(2 * index, options.byteOrder === 'little'));
    this.set(area, address, options.wordOrder === 'little' ? words.reverse() : words);
  }
}
