import { createHash, type X509Certificate } from 'node:crypto';
import { connect, TLSSocket, type SecureContextOptions } from 'node:tls';
import type { CertificateFace, Endpoint } from '../contract/index.js';

/** A private key with its certificate, both PEM. */
export interface NodeIdentity {
  readonly key: string;
  readonly certificate: string;
}

/**
 * Mutual TLS 1.3 between nodes, for whichever socket takes these options. The certificates are their own issuers, so
 * the handshake proves only that each side owns the key of what it shows: whoever uses the connection asks
 * {@link certificateOf} and compares fingerprints before it believes a word.
 */
export function mutualTls({ key, certificate }: NodeIdentity): SecureContextOptions & { requestCert: true; rejectUnauthorized: false; minVersion: 'TLSv1.3' } {
  return { key, cert: certificate, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' };
}

export function certificateOf(socket: unknown): CertificateFace | undefined {
  const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  return shown === undefined ? undefined : faceOf(shown);
}

export function faceOf(certificate: X509Certificate): CertificateFace {
  return {
    fingerprint: `sha256:${createHash('sha256').update(certificate.raw).digest('hex')}`,
    name: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '',
    notAfterMs: Date.parse(certificate.validTo),
  };
}

export function isTlsMismatch(error: NodeJS.ErrnoException): boolean {
  const code = error.code ?? '';
  return code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_HTTP_REQUEST' || code.startsWith('HPE_') || (code === 'EPROTO' && error.message.includes('wrong version number'));
}

/** Whether whoever listens there answers with TLS. */
export async function speaksTls({ host, port }: Endpoint, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: timeoutMs }, () => end(true));
    const end = (yes: boolean): void => {
      resolve(yes);
      socket.destroy();
    };
    for (const event of ['error', 'timeout', 'close'] as const) socket.on(event, () => end(false));
  });
}
