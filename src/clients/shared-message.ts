import { BINARY_CHANGES, BINARY_HEAD_AT, type RowFormat } from '../contract/index.js';

/**
 * A message that many sessions get. Its body is made once, and the bytes once for each subscription id: the
 * client library gives the same id to the first subscription on each socket, so a thousand clients send one buffer (MEASURED.md section 4:
 * 49 µs a client when each has its own, 9 µs shared).
 */
export class SharedMessage {
  private readonly buffers = new Map<string, Buffer>();

  /** `head` and `tail` are JSON keys, `"a":1,"b":2` and `,"c":3`; the rows go between them, or after all of it in a binary message. */
  constructor(
    private readonly type: 'changes' | 'snapshot',
    private readonly format: RowFormat,
    private readonly head: string,
    private readonly rows: Buffer,
    private readonly tail: string,
  ) {}

  get isBinary(): boolean {
    return this.format === 'binary';
  }

  bytes(id: string): Buffer {
    let buffer = this.buffers.get(id);
    if (buffer === undefined) {
      buffer = this.bytesWith(id, '');
      this.buffers.set(id, buffer);
    }
    return buffer;
  }

  /** For one session only, with more keys at the end: `,"key":…`. */
  bytesWith(id: string, more: string): Buffer {
    const begin = `{"type":"${this.type}","id":${JSON.stringify(id)},${this.head}`;
    if (!this.isBinary) return Buffer.concat([Buffer.from(`${begin},"values":[`), this.rows, Buffer.from(`]${this.tail}${more}}`)]);
    const head = Buffer.from(`${begin}${this.tail}${more}}`);
    const lead = Buffer.alloc(BINARY_HEAD_AT);
    lead.writeUInt8(BINARY_CHANGES, 0);
    lead.writeUInt32LE(head.length, 4);
    return Buffer.concat([lead, head, this.rows]);
  }
}
