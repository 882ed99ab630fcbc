import type { ErrorCode, Problem, Problems } from '../contract/index.js';
import { formatPath, type Path } from './path.js';
import type { SourceDocument } from './source-document.js';

/** As the drivers see it, and a way to point at a key instead of at its value. */
export interface DocumentProblems extends Problems {
  keyError(code: ErrorCode, message: string, path: Path): void;
  at(...path: Path): DocumentProblems;
}

interface Finding extends Problem {
  /** The instance of a template that it was found in. */
  readonly instance?: string | undefined;
}

/** Everything that was found, in all documents. */
export class ProblemList {
  private readonly found: Finding[] = [];

  add(problem: Finding): void {
    this.found.push(problem);
  }

  /** Takes over what is wrong with the text of a document. */
  addText(document: SourceDocument): void {
    for (const { code, message, path, place } of document.textProblems) {
      this.add({ code, message, file: document.file, ...place, path: formatPath(path), severity: 'error' });
    }
  }

  /** A collector for what lies below `path`; `instance` names the point that a template made there. */
  at(document: SourceDocument, path: Path = [], instance?: string): DocumentProblems {
    return new PlacedProblems(this, document, path, instance);
  }

  get hasErrors(): boolean {
    return this.found.some((problem) => problem.severity === 'error');
  }

  /**
   * By file (in the order given), line and column. What several instances of a template have in common
   * is told once.
   */
  take(files: readonly string[] = []): Problem[] {
    const merged = new Map<string, { problem: Problem; instances: string[] }>();
    for (const { instance, ...problem } of this.found) {
      const key = JSON.stringify(problem);
      const entry = merged.get(key) ?? { problem, instances: [] };
      if (instance !== undefined && !entry.instances.includes(instance)) entry.instances.push(instance);
      merged.set(key, entry);
    }
    const rank = (problem: Problem): number => files.indexOf(problem.file);
    return [...merged.values()]
      .map(({ problem, instances }) => ({ ...problem, message: problem.message + nameInstances(instances) }))
      .sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
  }
}

class PlacedProblems implements DocumentProblems {
  constructor(
    private readonly list: ProblemList,
    private readonly document: SourceDocument,
    private readonly base: Path,
    private readonly instance: string | undefined,
  ) {}

  error(code: ErrorCode, message: string, path: Path = []): void {
    this.report('error', code, message, path, 'value');
  }

  warning(code: ErrorCode, message: string, path: Path = []): void {
    this.report('warning', code, message, path, 'value');
  }

  keyError(code: ErrorCode, message: string, path: Path): void {
    this.report('error', code, message, path, 'key');
  }

  at(...path: Path): DocumentProblems {
    return new PlacedProblems(this.list, this.document, [...this.base, ...path], this.instance);
  }

  private report(severity: Problem['severity'], code: ErrorCode, message: string, below: Path, part: 'key' | 'value'): void {
    const path = [...this.base, ...below];
    const { file } = this.document;
    this.list.add({ code, message, file, ...this.document.locate(path, part), path: formatPath(path), severity, instance: this.instance });
  }
}

function nameInstances([first, ...others]: readonly string[]): string {
  if (first === undefined) return '';
  return others.length === 0 ? ` (in ${first})` : ` (in ${first} and ${others.length} more)`;
}
