import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { exportEde, type EdeFiles } from '../../drivers/bacnet/ede.js';
import type { KnownDevice } from '../../drivers/bacnet/discover.js';
import { messageOf, TandemError } from '../contract/index.js';
import { realClock } from '../platform/time.js';

/** Writes `FILE` and its state texts beside it; tells both names on standard error. */
export function writeEde(file: string, devices: readonly KnownDevice[], project: string): void {
  const { ede, stateTexts } = exportEde(devices, project, 'tandem', realClock.wallMs());
  for (const [name, text] of [[file, ede], [stateTextsName(file), stateTexts]] as const) {
    try {
      writeFileSync(name, text);
    } catch (cause) {
      throw new TandemError('CONFIG_FILE', `cannot write ${name}: ${messageOf(cause)}`, { cause });
    }
    console.error(`${name} written`);
  }
}

export function readEde(file: string, stateTexts?: string): EdeFiles {
  const beside = stateTexts ?? stateTextsName(file);
  return { ede: textOf(file), stateTexts: stateTexts !== undefined || existsSync(beside) ? textOf(beside) : '' };
}

/** `Tower_EDE.csv` has `Tower_StateTexts.csv`, as most tools name them; `Tower.csv` has `Tower-state-texts.csv`. */
function stateTextsName(file: string): string {
  return /_EDE\.csv$/i.test(file) ? file.replace(/_EDE(?=\.csv$)/i, '_StateTexts') : file.replace(/(\.csv)?$/i, '-state-texts.csv');
}

/** UTF-8; files of older tools are in Latin-1. */
function textOf(file: string): string {
  try {
    const bytes = readFileSync(file);
    const text = bytes.toString('utf8');
    return text.includes('�') ? bytes.toString('latin1') : text;
  } catch (cause) {
    throw new TandemError('CONFIG_FILE', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}
