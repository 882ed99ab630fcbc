import { decodeFrame, type Frame } from '../image/index.js';
import { DURABLY, type Database, type Operation } from './database.js';
import { asideKey, below } from './keys.js';
import type { Revisions } from './revisions.js';

/** Tails that the pair's history does not contain (rule 9), each under a nonce of its own, until they have been merged. */
export class AsideTails {
  constructor(
    private readonly db: Database,
    private readonly revisions: Revisions,
  ) {}

  /** Frames of all tails. */
  async count(): Promise<number> {
    return (await this.db.keys(below('x!')).all()).length;
  }

  /** The nonces under which they lie. */
  async forks(): Promise<string[]> {
    const keys = await this.db.keys(below('x!')).all();
    return [...new Set(keys.map((key) => key.split('!')[1] ?? ''))];
  }

  /** Frames of one tail after `afterSeq`, oldest first, as the present configuration says them. */
  async frames(fork: string, afterSeq: number, limit: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    for await (const bytes of this.db.values({ gt: asideKey(fork, afterSeq), lt: below(`x!${fork}!`).lt, limit })) {
      frames.push(await this.revisions.inPresentTerms(decodeFrame(bytes)));
    }
    return frames;
  }

  /** Forgets a tail; it has been merged, and both nodes hold it. */
  async drop(fork: string): Promise<void> {
    const keys = await this.db.keys(below(`x!${fork}!`)).all();
    await this.db.batch(keys.map((key): Operation => ({ type: 'del', key })), DURABLY);
  }
}
