import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { isTandemError, messageOf } from '../contract/index.js';
import { dayOf, licenceRefusal, readLicence, type Licence } from './licence.js';
import type { DocumentProblems } from './problem-list.js';
import { check } from './schema-check.js';

const shape = z.strictObject({ file: z.string().min(1), publicKey: z.string().min(1) });

/** `licence:` of a node document: the file that limits what this node may run, and whose signature it has to have. */
export function readLicenceSection(raw: unknown, document: string, node: string, problems: DocumentProblems, nowMs: number): Licence | undefined {
  if (raw === undefined) return undefined;
  const section = check(shape, raw, problems);
  if (section === undefined) return undefined;
  let refusal: string | undefined;
  try {
    const licence = readLicence(readFileSync(resolve(dirname(document), section.file), 'utf8'), section.publicKey);
    refusal = licenceRefusal(licence, node, dayOf(nowMs));
    if (refusal === undefined) return licence;
  } catch (error) {
    refusal = isTandemError(error) ? error.message : `cannot be read: ${messageOf(error)}`;
  }
  problems.error('LICENCE_INVALID', refusal, ['file']);
  return undefined;
}
