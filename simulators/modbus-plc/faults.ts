/** What a virtual PLC can be made to do wrong, at run time. Those below the line break the answer, the others the connection. */
export type FaultKind =
  /** Answers with `code` and does nothing. */
  | { readonly kind: 'exception'; readonly code: number }
  /** Answers `delayMs` late. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Carries the request out and answers nothing. */
  | { readonly kind: 'drop' }
  /** Takes everything and neither does nor answers anything. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'wrong-transaction' }
  | { readonly kind: 'wrong-unit' }
  | { readonly kind: 'wrong-function' }
  /** The answer is shorter than asked for, in itself consistent. */
  | { readonly kind: 'wrong-length' }
  /** A single write is echoed with another value. */
  | { readonly kind: 'wrong-echo' }
  /** The answer comes twice. */
  | { readonly kind: 'duplicate' }
  /** Half of the answer, and nothing more. */
  | { readonly kind: 'cut-short' }
  /** Random bytes instead of an answer. */
  | { readonly kind: 'garbage' }
  /** The check sum is wrong; on a bus only. */
  | { readonly kind: 'bad-crc' }
  /** Cuts the connection instead of answering. */
  | { readonly kind: 'reset' };

export interface FaultScope {
  readonly unit?: number;
  readonly function?: number;
  /** How often; without it, until it is removed. */
  readonly times?: number;
}

interface Rule {
  readonly fault: FaultKind;
  readonly scope: FaultScope;
  left: number;
}

/** The faults in force; the first that fits a request is applied to it. */
export class Faults {
  private rules: Rule[] = [];

  /** Returns what takes the fault away again. */
  inject(fault: FaultKind, scope: FaultScope = {}): () => void {
    const rule: Rule = { fault, scope, left: scope.times ?? Infinity };
    this.rules.push(rule);
    return () => {
      this.rules = this.rules.filter((other) => other !== rule);
    };
  }

  clear(): void {
    this.rules = [];
  }

  /** The fault for one request, used up by one. */
  take(unit: number, functionCode: number): FaultKind | undefined {
    const rule = this.rules.find(({ scope }) => (scope.unit ?? unit) === unit && (scope.function ?? functionCode) === functionCode);
    if (rule === undefined) return undefined;
    rule.left--;
    if (rule.left <= 0) this.rules = this.rules.filter((other) => other !== rule);
    return rule.fault;
  }
}
