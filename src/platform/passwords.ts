import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { TandemError, type Passwords } from '../contract/index.js';

/** OWASP's figures for scrypt: 32 MB and a few hundred milliseconds of one thread for each guess. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const LENGTH = 32;
/** A flood of sign-ins waits here and not in the thread pool that also serves the disk. */
const AT_ONCE = 1;
const WAITING = 20;

/** scrypt (RFC 7914) as `scrypt$N$r$p$salt$hash`, so that a later cost leaves older hashes readable. */
export class ScryptPasswords implements Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly cost = COST) {}

  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    const { N, r, p } = this.cost;
    const key = await this.derive(password, salt, N, r, p);
    return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
  }

  async matches(password: string, hash: string): Promise<boolean> {
    const [kind, N, r, p, salt = '', key = ''] = hash.split('$');
    const expected = Buffer.from(key, 'base64url');
    if (kind !== 'scrypt' || expected.length !== LENGTH) return false;
    return timingSafeEqual(await this.derive(password, Buffer.from(salt, 'base64url'), Number(N), Number(r), Number(p)), expected);
  }

  private async derive(password: string, salt: Buffer, N: number, r: number, p: number): Promise<Buffer> {
    if (this.waiting.length >= WAITING) throw new TandemError('CLIENT_LIMIT', 'too many people are signing in at once: try again in a moment');
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running++;
    try {
      return await new Promise((resolve, reject) => {
        scrypt(password.normalize('NFKC'), salt, LENGTH, { N, r, p, maxmem: 256 * N * r + (1 << 20) }, (error, key) => (error === null ? resolve(key) : reject(error)));
      });
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }
}
