import { createHash } from 'node:crypto';
import { DAY_MS, type CertificateFace } from '../../src/contract/index.js';
import { VIRTUAL_START_MS } from '../../simulators/virtual-time/virtual-clock.js';
import type { TrustStore } from '../../src/redundancy/index.js';

/** A certificate with nothing but its face; each name and number gives another one. */
export function face(name: string, number = 1, days = 1_000): CertificateFace {
  return { fingerprint: `sha256:${createHash('sha256').update(`${name} ${String(number)}`).digest('hex')}`, name, notAfterMs: VIRTUAL_START_MS + days * DAY_MS };
}

/** The folder `trust` of a node, in memory. */
export class MemoryTrust implements TrustStore {
  pins: readonly { readonly fingerprint: string; readonly name: string }[] = [];
  saves = 0;
  private made = 1;
  private present: CertificateFace;
  private coming: CertificateFace | undefined;
  private kept: string | undefined;

  constructor(readonly name: string, days = 1_000) {
    this.present = face(name, this.made, days);
  }

  own(): CertificateFace {
    return this.present;
  }

  next(): CertificateFace | undefined {
    return this.coming;
  }

  async makeNext(name: string): Promise<CertificateFace> {
    return (this.coming = face(name, ++this.made, 2_000));
  }

  switchToNext(): void {
    if (this.coming === undefined) throw new Error('there is no next certificate');
    this.present = this.coming;
    this.coming = undefined;
  }

  load(): unknown {
    return this.kept === undefined ? undefined : JSON.parse(this.kept);
  }

  save(trust: unknown): void {
    this.saves += 1;
    this.kept = JSON.stringify(trust);
  }
}
