import { X509Certificate } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS, TandemError, type CertificateFace } from '../contract/index.js';
import { faceOf, type NodeIdentity } from './tls.js';

/** Own certificates last this long; they are renewed long before (src/redundancy/trust.ts). */
export const VALID_DAYS = 1095;
/** A partner's clock may be behind. */
const BACKDATED_MS = DAY_MS;

/**
 * A node's own key and certificate, and what it knows of others, in the folder `trust` of its data folder:
 * `identity.pem` (key and certificate in one file, so that they change together; for its owner alone), `next.pem` (the
 * successor, until every partner knows it), `certificates.json`. Never copied to the partner.
 */
export class TrustHome {
  /** Of {@link present}: asked for ten times a second, and parsing a certificate takes a millisecond. */
  private face: CertificateFace;

  private constructor(
    private readonly folder: string,
    private present: NodeIdentity,
  ) {
    this.face = faceOf(new X509Certificate(present.certificate));
  }

  /** Opens the folder; makes the certificate at the first start. @throws TRUST_DAMAGED */
  static async open(data: string, name: string): Promise<TrustHome> {
    const folder = join(data, 'trust');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, 'identity.pem');
    if (!existsSync(file)) writeDurably(file, await makeIdentity(name));
    // Whoever can read the key can play this node.
    else if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    return new TrustHome(folder, readIdentity(file));
  }

  readonly identity = (): NodeIdentity => this.present;

  own(): CertificateFace {
    return this.face;
  }

  /** The successor, where one has been made. */
  next(): CertificateFace | undefined {
    const file = this.nextFile;
    return existsSync(file) ? faceOf(new X509Certificate(readIdentity(file).certificate)) : undefined;
  }

  async makeNext(name: string): Promise<CertificateFace> {
    writeDurably(this.nextFile, await makeIdentity(name));
    return faceOf(new X509Certificate(readIdentity(this.nextFile).certificate));
  }

  /** The successor takes over: the partners know it. */
  switchToNext(): void {
    renameSync(this.nextFile, join(this.folder, 'identity.pem'));
    this.present = readIdentity(join(this.folder, 'identity.pem'));
    this.face = faceOf(new X509Certificate(this.present.certificate));
  }

  load(): unknown {
    const file = join(this.folder, 'certificates.json');
    if (!existsSync(file)) return undefined;
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch (cause) {
      // Never taken for "nobody is known": the partner would be a stranger, and a revoked certificate a new one.
      throw new TandemError('TRUST_DAMAGED', `${file} cannot be read: repair it, or delete it and approve the partner again`, { cause });
    }
  }

  save(trust: unknown): void {
    writeDurably(join(this.folder, 'certificates.json'), `${JSON.stringify(trust, undefined, 2)}\n`);
  }

  private get nextFile(): string {
    return join(this.folder, 'next.pem');
  }
}

async function makeIdentity(name: string, days = VALID_DAYS): Promise<string> {
  // Loaded here only: it brings a polyfill along that nothing else needs.
  const { generate } = await import('selfsigned');
  const now = Date.now();
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - BACKDATED_MS),
    notAfterDate: new Date(now + days * DAY_MS),
  });
  return `${made.private.trim()}\n${made.cert.trim()}\n`;
}

function readIdentity(file: string): NodeIdentity {
  const text = readFileSync(file, 'utf8');
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text)?.[0];
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
  if (key === undefined || certificate === undefined) {
    throw new TandemError('TRUST_DAMAGED', `${file} does not hold a key and a certificate: delete it to have new ones made, and approve them at the partner`);
  }
  return { key, certificate };
}

/** Whole or not at all, whatever happens meanwhile. */
function writeDurably(file: string, text: string): void {
  const temporary = `${file}.new`;
  const handle = openSync(temporary, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
}
