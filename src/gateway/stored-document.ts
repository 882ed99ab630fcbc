import { createHash } from 'node:crypto';
import type { SourceFile } from '../config/index.js';
import { TandemError, type ConfigurationDocument, type Problem, type SiteConfig } from '../contract/index.js';

export function fileOf({ number, text }: ConfigurationDocument): SourceFile {
  return { path: `configuration ${number}`, text };
}

export function pointsOf({ points }: SiteConfig): string {
  return createHash('sha256').update(JSON.stringify(points.map(({ name, kind }) => [name, kind]))).digest('hex').slice(0, 16);
}

export function versionProblem({ number }: ConfigurationDocument): Problem {
  return { code: 'CONFIG_REFUSED', message: 'this version reads other points from the document than the one that wrote it: run the same version on both nodes', file: `configuration ${number}`, line: 1, column: 1, path: 'points', severity: 'error' };
}

export function refused(message: string, problems: readonly Problem[]): TandemError {
  const [first] = problems.filter(({ severity }) => severity === 'error');
  return new TandemError('CONFIG_REFUSED', `${message}: ${first === undefined ? '' : `${first.file}:${first.line} ${first.path} ${first.message}`}`, { details: { problems } });
}
