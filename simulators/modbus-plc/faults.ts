import type { Random } from '../../src/contract/clock.js';
import { behaviourOf, type plain } from './behaviours/index.js';
import type { Behaviour } from './behaviours/behaviour.js';

/** What a virtual PLC can be made to do wrong, at run time; each in a file of behaviours/. */
export type FaultKind =
  | { readonly kind: 'exception'; readonly code: number }
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'slow-start'; readonly forMs: number }
  | { readonly kind: keyof typeof plain };

export interface FaultScope {
  /** A unit or several; all without it. */
  readonly unit?: number | readonly number[];
  readonly function?: number;
  /** How often; without it, until it is removed. */
  readonly times?: number;
  /** Share of the requests, 0 to 1, by chance. */
  readonly rate?: number;
}

interface Rule {
  readonly behaviour: Behaviour;
  readonly scope: FaultScope;
  left: number;
}

/** The faults in force; the first that fits a request is applied to it. */
export class Faults {
  private rules: Rule[] = [];

  constructor(private readonly given: { readonly random: Random; readonly sinceStartMs: () => number }) {}

  /** Returns what takes the fault away again. */
  inject(fault: FaultKind, scope: FaultScope = {}): () => void {
    return this.add(fault, scope, (rule) => this.rules.push(rule));
  }

  /** As {@link inject}, before those that are in force already. */
  injectFirst(fault: FaultKind, scope: FaultScope = {}): () => void {
    return this.add(fault, scope, (rule) => this.rules.unshift(rule));
  }

  clear(): void {
    this.rules = [];
  }

  /** What one request is met with, used up by one. */
  take(unit: number, functionCode: number): Behaviour {
    const rule = this.rules.find((each) => this.fits(each, unit, functionCode));
    if (rule === undefined) return {};
    rule.left--;
    if (rule.left <= 0) this.rules = this.rules.filter((other) => other !== rule);
    return rule.behaviour;
  }

  private add(fault: FaultKind, scope: FaultScope, put: (rule: Rule) => void): () => void {
    const rule: Rule = { behaviour: behaviourOf(fault), scope, left: scope.times ?? Infinity };
    put(rule);
    return () => {
      this.rules = this.rules.filter((other) => other !== rule);
    };
  }

  private fits({ behaviour, scope }: Rule, unit: number, functionCode: number): boolean {
    const { random, sinceStartMs } = this.given;
    if (scope.unit !== undefined && !(typeof scope.unit === 'number' ? scope.unit === unit : scope.unit.includes(unit))) return false;
    if ((scope.function ?? functionCode) !== functionCode) return false;
    if (behaviour.applies?.(sinceStartMs()) === false) return false;
    return scope.rate === undefined || random.next() < scope.rate;
  }
}
