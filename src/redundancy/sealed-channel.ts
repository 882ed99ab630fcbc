import { createHmac, timingSafeEqual } from 'node:crypto';
import { TandemError, type Channel } from '../contract/index.js';

const MAC_DIGITS = 64;

/**
 * Texts with a keyed digest in front (HMAC-SHA-256, RFC 2104) over direction, number and text: nobody without the
 * secret can say, change, repeat or leave out a word. Nothing of it is secret to read.
 */
export class SealedChannel {
  private readonly key: Buffer;
  private sent = 0;
  private received = 0;

  /** `nonces`: one of each side, so that no conversation is ever like another. */
  constructor(
    private readonly channel: Channel,
    secret: string,
    nonces: readonly [client: string, server: string],
    private readonly side: 'client' | 'server',
  ) {
    this.key = createHmac('sha256', secret).update(nonces.join('/')).digest();
  }

  send(text: string): void {
    this.sent += 1;
    this.channel.send(this.digest(this.side, this.sent, text) + text);
  }

  /** @throws CLIENT_UNAUTHORIZED */
  open(sealed: string): string {
    const text = sealed.slice(MAC_DIGITS);
    this.received += 1;
    const expected = Buffer.from(this.digest(this.side === 'client' ? 'server' : 'client', this.received, text));
    const given = Buffer.from(sealed.slice(0, MAC_DIGITS));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new TandemError('CLIENT_UNAUTHORIZED', 'the digest is wrong: both sides need the same secret of the witness');
    }
    return text;
  }

  private digest(from: string, number: number, text: string): string {
    return createHmac('sha256', this.key).update(`${from} ${number} ${text}`).digest('hex');
  }
}
