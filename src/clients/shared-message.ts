/**
 * A message that many sessions get. The text is made once, and the bytes once for each subscription id: the
 * client library gives the same id everywhere, so a thousand clients send one buffer (MEASURED.md section 4:
 * 49 µs a client when each has its own, 9 µs shared).
 */
export class SharedMessage {
  private readonly buffers = new Map<string, Buffer>();

  /** `body` goes on after the id and lacks the closing brace. */
  constructor(
    private readonly type: 'changes' | 'snapshot',
    private readonly body: string,
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
    return Buffer.from(`{"type":"${this.type}","id":${JSON.stringify(id)},${this.body}${more}}`);
  }
}
