import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { DAY_MS, messageOf, TandemError, type Clock, type HttpsFiles, type HttpsIdentity, type HttpsSource, type Log, type Timers } from '../contract/index.js';
import { faceOf } from './tls.js';

const LOOK_MS = 30_000;
const WARN_DAYS = 30;
const KEY = /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----[^-]+-----END (?:EC |RSA )?PRIVATE KEY-----/;
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificate of https, from files that somebody else renews: they are looked at again every half minute, and what
 * cannot be used leaves the one in force. @throws HTTPS_CERTIFICATE
 */
export function httpsFiles(files: HttpsFiles, clock: Clock, timers: Timers, log: Log): HttpsSource {
  let current = readHttps(files);
  let stamp = stampOf(files);
  let warnedMs = -Infinity;
  const warn = (): void => {
    const daysLeft = Math.floor((faceOf(new X509Certificate(current.certificate)).notAfterMs - clock.wallMs()) / DAY_MS);
    if (daysLeft > WARN_DAYS || clock.monotonicMs() - warnedMs < DAY_MS) return;
    warnedMs = clock.monotonicMs();
    log.warn(daysLeft < 0 ? 'the certificate of https has ended: browsers refuse it' : `the certificate of https ends in ${daysLeft} days`);
  };
  warn();
  return {
    current: () => current,
    watch: (apply) => {
      const timer = timers.every(LOOK_MS, () => {
        warn();
        const seen = stampOf(files);
        if (seen === stamp) return;
        stamp = seen;
        try {
          current = readHttps(files);
          apply(current);
          log.info('another certificate is used for https');
        } catch (error) {
          log.error('https goes on with the certificate that it has', error);
        }
      });
      return () => timer.cancel();
    },
  };
}

/** @throws HTTPS_CERTIFICATE */
export function readHttps({ certificate: file, key: keyFile = file }: HttpsFiles): HttpsIdentity {
  const [text, keyText] = [file, keyFile].map(read) as [string, string];
  const chain = text.match(CERTIFICATES) ?? [];
  const key = KEY.exec(keyText)?.[0];
  if (chain.length === 0) throw new TandemError('HTTPS_CERTIFICATE', `${file} holds no certificate (PEM)`);
  if (key === undefined) throw new TandemError('HTTPS_CERTIFICATE', `${keyFile} holds no private key (PEM, without a passphrase)`);
  const certificate = chain.join('\n');
  let fits: boolean;
  try {
    fits = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new TandemError('HTTPS_CERTIFICATE', `${file}: ${messageOf(cause)}`, { cause });
  }
  if (!fits) throw new TandemError('HTTPS_CERTIFICATE', `the key in ${keyFile} is not that of the certificate in ${file}`);
  return { key, certificate };
}

/** Of the leaf, as {@link faceOf} has it. @throws HTTPS_CERTIFICATE */
export function httpsFingerprint(files: HttpsFiles): string {
  return faceOf(new X509Certificate(readHttps(files).certificate)).fingerprint;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TandemError('HTTPS_CERTIFICATE', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function stampOf({ certificate, key = certificate }: HttpsFiles): string {
  const of = (file: string): string => {
    const found = statSync(file, { throwIfNoEntry: false });
    return `${found?.mtimeMs ?? 0}/${found?.size ?? 0}`;
  };
  return `${of(certificate)} ${of(key)}`;
}
