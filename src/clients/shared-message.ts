/**
 * A message that many sessions get. Its body is made once, and the bytes once for each subscription id: the
 * client library gives the same id everywhere, so a thousand clients send one buffer (MEASURED.md section 4:
 * 49 µs a client when each has its own, 9 µs shared).
 */
export class SharedMessage {
  private readonly buffers = new Map<string, Buffer>();

  /** The parts of the body, in order, go on after the id and lack the closing brace. */
  constructor(
    private readonly type: 'changes' | 'snapshot',
    private readonly body: readonly (string | Buffer)[],
  ) {}

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
    const parts = [`{"type":"${this.type}","id":${JSON.stringify(id)},`, ...this.body, `${more}}`];
    return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  }
}
