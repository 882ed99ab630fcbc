import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { SelfsignedOptions } from 'selfsigned';
import { DAY_MS, TandemError } from '../contract/index.js';

/** A root is imported into browsers once; some of them believe no certificate below it that is good for more than 825 days. */
export const ROOT_DAYS = 7_300;
export const LEAF_DAYS = 820;
const BACKDATED_MS = DAY_MS;

/**
 * A certificate authority of one site, in a folder: `root.pem`, which is imported into browsers, and `root.key`, which stays
 * with whoever makes certificates and is needed on no node.
 */
export class SiteAuthority {
  private constructor(
    private readonly folder: string,
    private readonly root: { readonly key: string; readonly cert: string },
    readonly isNew: boolean,
  ) {}

  /** Opens the folder; makes the root where there is none. @throws HTTPS_CERTIFICATE */
  static async open(folder: string, site: string): Promise<SiteAuthority> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const [certificate, key] = [join(folder, 'root.pem'), join(folder, 'root.key')];
    if (existsSync(certificate) !== existsSync(key)) throw new TandemError('HTTPS_CERTIFICATE', `${folder} has one of root.pem and root.key: both belong to the authority, and a new root would have to be imported everywhere anew`);
    if (existsSync(key)) return new SiteAuthority(folder, { key: readFileSync(key, 'utf8'), cert: readFileSync(certificate, 'utf8') }, false);
    const made = await make(`Tandem root of ${site}`, ROOT_DAYS, [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ]);
    writeFileSync(key, made.private, { mode: 0o600 });
    writeFileSync(certificate, made.cert);
    return new SiteAuthority(folder, { key: made.private, cert: made.cert }, true);
  }

  get rootFile(): string {
    return join(this.folder, 'root.pem');
  }

  get fingerprint(): string {
    return new X509Certificate(this.root.cert).fingerprint256;
  }

  /** Makes `<id>.pem`, key and certificate, for a node that is reached by any of `names`. */
  async issue(id: string, names: readonly string[], days: number): Promise<string> {
    const made = await make(
      id,
      days,
      [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames: names.map((name) => (isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name })) },
      ],
      this.root,
    );
    const file = join(this.folder, `${id}.pem`);
    writeFileSync(file, `${made.private.trim()}\n${made.cert.trim()}\n`, { mode: 0o600 });
    return file;
  }
}

async function make(name: string, days: number, extensions: NonNullable<SelfsignedOptions['extensions']>, ca?: { readonly key: string; readonly cert: string }): Promise<{ private: string; cert: string }> {
  // Loaded here only: it brings a polyfill along that nothing else needs.
  const { generate } = await import('selfsigned');
  const now = Date.now();
  return generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - BACKDATED_MS),
    notAfterDate: new Date(now + days * DAY_MS),
    extensions,
    ...(ca === undefined ? {} : { ca }),
  });
}
