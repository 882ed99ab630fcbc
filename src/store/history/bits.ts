import { TandemError } from '../../contract/index.js';

/** Writes numbers of up to 32 bits one after the other, the most significant bit first. */
export class BitWriter {
  private bytes = new Uint8Array(1_024);
  private at = 0;
  private pending = 0;
  private pendingBits = 0;

  write(value: number, bits: number): void {
    if (bits > 24) {
      this.write(value >>> 16, bits - 16);
      this.write(value & 0xffff, 16);
      return;
    }
    // At most 7 bits are pending: with 24 more they fit into 32.
    this.pending = (this.pending << bits) | (value & ((1 << bits) - 1));
    this.pendingBits += bits;
    if (this.at + 4 > this.bytes.length) this.grow();
    while (this.pendingBits >= 8) {
      this.pendingBits -= 8;
      this.bytes[this.at++] = this.pending >>> this.pendingBits;
    }
    this.pending &= (1 << this.pendingBits) - 1;
  }

  /** Fills the last byte up with zeros. */
  align(): void {
    if (this.pendingBits > 0) this.write(0, 8 - this.pendingBits);
  }

  /** What was written, the last byte filled with zeros; the writer begins anew. The bytes are valid until then. */
  take(): Uint8Array {
    this.align();
    const { at } = this;
    this.at = this.pending = this.pendingBits = 0;
    return this.bytes.subarray(0, at);
  }

  private grow(): void {
    const wider = new Uint8Array(this.bytes.length * 2);
    wider.set(this.bytes);
    this.bytes = wider;
  }
}

/** Reads what {@link BitWriter} wrote. @throws STORE_CORRUPT past the end */
export class BitReader {
  /** The lowest `heldBits` bits are still to be read; what is above them has been. */
  private held = 0;
  private heldBits = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  read(bits: number): number {
    if (bits > 24) {
      const high = this.read(bits - 16);
      return ((high << 16) | this.read(16)) >>> 0;
    }
    if (this.heldBits < bits) this.fill(bits);
    this.heldBits -= bits;
    return (this.held >>> this.heldBits) & ((1 << bits) - 1);
  }

  /** Counts ones up to the next zero, which is read too, or up to `limit`. */
  ones(limit: number): number {
    for (let count = 0; count < limit; count++) {
      if (this.heldBits === 0) this.fill(1);
      this.heldBits--;
      if (((this.held >>> this.heldBits) & 1) === 0) return count;
    }
    return limit;
  }

  /** Leaves out what is left of the byte. */
  align(): void {
    this.heldBits -= this.heldBits % 8;
  }

  private fill(bits: number): void {
    while (this.heldBits < bits) {
      if (this.at >= this.bytes.length) throw new TandemError('STORE_CORRUPT', 'a history block ends early');
      this.held = (this.held << 8) | (this.bytes[this.at++] as number);
      this.heldBits += 8;
    }
  }
}
