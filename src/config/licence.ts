import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { messageOf, TandemError } from '../contract/index.js';

/** A driver or a function with its version, as the other node is told of it. */
export interface ModuleEntry {
  /** `driver/modbus-tcp`, `function/alarms`. */
  readonly name: string;
  readonly version: string;
}

const moduleRule = z.strictObject({
  name: z.string().regex(/^(driver|function)\/[a-z0-9*-]+$/, { error: 'must be driver/… or function/…, such as driver/modbus-tcp or driver/*' }),
  /** Begins so: `1` takes 1.0 and 1.4.2. Left out, every version. */
  version: z.string().regex(/^\d+(\.\d+)*$/).optional(),
});
const content = z.strictObject({
  format: z.literal('tandem-licence/1'),
  licensee: z.string().min(1),
  issued: z.iso.date(),
  /** Last day on which it counts, UTC. */
  expires: z.iso.date().optional(),
  /** Node ids that may use it; left out, any. */
  nodes: z.array(z.string()).optional(),
  modules: z.array(moduleRule).min(1),
});
const envelope = z.strictObject({ licence: z.base64(), signature: z.base64() });

export type Licence = z.infer<typeof content>;

/** Reads a licence file. @throws LICENCE_INVALID: no licence file, or not signed with the private half of `publicKey` */
export function readLicence(text: string, publicKey: string): Licence {
  const { licence, signature } = parsed(envelope, text, 'is no licence file');
  const bytes = Buffer.from(licence, 'base64');
  if (!verify(null, bytes, publicKeyOf(publicKey), Buffer.from(signature, 'base64'))) {
    throw new TandemError('LICENCE_INVALID', 'its signature is not of that public key: it was changed, or is somebody else\'s');
  }
  return parsed(content, bytes.toString('utf8'), 'is signed, and not a licence');
}

/** Makes a licence file of its content. @throws LICENCE_INVALID */
export function signLicence(text: string, privateKeyPem: string): string {
  const checked = parsed(content, text, 'cannot be signed');
  const bytes = Buffer.from(JSON.stringify(checked));
  let key: KeyObject;
  try {
    key = createPrivateKey(privateKeyPem);
  } catch (cause) {
    throw new TandemError('LICENCE_INVALID', `the private key cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new TandemError('LICENCE_INVALID', 'the private key is not of Ed25519: openssl genpkey -algorithm ed25519 makes one');
  return `${JSON.stringify({ licence: bytes.toString('base64'), signature: sign(null, bytes, key).toString('base64') }, undefined, 2)}\n`;
}

/** As a licence writes it: YYYY-MM-DD, UTC. */
export function dayOf(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 10);
}

/** Why this licence does not count on this node today; undefined where it does. */
export function licenceRefusal({ expires, nodes }: Licence, node: string, today: string): string | undefined {
  if (expires !== undefined && today > expires) return `it ended on ${expires}`;
  return nodes === undefined || nodes.includes(node) ? undefined : `it is for ${nodes.join(', ')}, this node is ${node}`;
}

export function allows({ modules }: Licence, { name, version }: ModuleEntry): boolean {
  return modules.some((rule) => {
    const named = rule.name.endsWith('/*') ? name.startsWith(rule.name.slice(0, -1)) : rule.name === name;
    return named && (rule.version === undefined || version === rule.version || version.startsWith(`${rule.version}.`));
  });
}

function publicKeyOf(text: string): KeyObject {
  const body = text.replace(/-----[A-Z ]+-----/g, '').replace(/\s+/g, '');
  try {
    const key = createPublicKey({ key: Buffer.from(body, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new TandemError('LICENCE_INVALID', 'the public key is not one of Ed25519, as openssl pkey -pubout prints it');
}

function parsed<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TandemError('LICENCE_INVALID', `${what}: not JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (!result.success) throw new TandemError('LICENCE_INVALID', `${what}: ${z.prettifyError(result.error)}`);
  return result.data;
}
