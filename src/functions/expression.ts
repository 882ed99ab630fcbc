import { QualityLevel, type BinaryOperator, type Expression, type ExpressionFunction } from '../contract/index.js';
import type { Image } from '../image/index.js';

/** A number; 1 and 0 for true and false; NaN where it cannot be known now, because a value that it hangs on may not be used. */
export type Evaluate = () => number;

/** What an expression reads. */
export interface ExpressionInputs {
  /** NaN where the value may not be used. */
  value(point: number): number;
}

/** Good and uncertain values count: an uncertain one is still the best there is. A stale or bad one says nothing about now. */
export function usableValue(image: Image, point: number): number {
  if (image.quality(point) >> 6 > QualityLevel.uncertain) return NaN;
  const value = image.value(point);
  return typeof value === 'string' ? NaN : Number(value);
}

/** Turns an expression into a function, once; evaluating it allocates nothing and cannot loop. */
export function compileExpression(expression: Expression, inputs: ExpressionInputs): Evaluate {
  switch (expression.kind) {
    case 'constant': {
      const { value } = expression;
      return () => value;
    }
    case 'point': {
      const { point } = expression;
      return () => inputs.value(point);
    }
    case 'usable': {
      const { point } = expression;
      return () => (Number.isNaN(inputs.value(point)) ? 0 : 1);
    }
    case 'unary': {
      const operand = compileExpression(expression.operand, inputs);
      if (expression.operator === '-') return () => -operand();
      if (expression.operator === '+') return operand;
      return () => {
        const value = operand();
        return Number.isNaN(value) ? NaN : Number(value === 0);
      };
    }
    case 'binary':
      return binary(expression.operator, compileExpression(expression.left, inputs), compileExpression(expression.right, inputs));
    case 'choice': {
      const [test, yes, no] = [expression.test, expression.yes, expression.no].map((part) => compileExpression(part, inputs)) as [Evaluate, Evaluate, Evaluate];
      return () => {
        const chosen = test();
        return Number.isNaN(chosen) ? NaN : chosen === 0 ? no() : yes();
      };
    }
    case 'call':
      return call(expression.name, expression.operands.map((operand) => compileExpression(operand, inputs)));
  }
}

function binary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  switch (operator) {
    // What is known on one side may decide alone: an unknown value matters only where the outcome hangs on it.
    case '&&':
      return () => {
        const [a, b] = [left(), right()];
        return a === 0 || b === 0 ? 0 : Number.isNaN(a) || Number.isNaN(b) ? NaN : 1;
      };
    case '||':
      return () => {
        const [a, b] = [left(), right()];
        return isTrue(a) || isTrue(b) ? 1 : Number.isNaN(a) || Number.isNaN(b) ? NaN : 0;
      };
    case '==':
      return compare(left, right, (a, b) => a === b);
    case '!=':
      return compare(left, right, (a, b) => a !== b);
    case '<':
      return compare(left, right, (a, b) => a < b);
    case '>':
      return compare(left, right, (a, b) => a > b);
    case '<=':
      return compare(left, right, (a, b) => a <= b);
    case '>=':
      return compare(left, right, (a, b) => a >= b);
    case '+':
      return () => left() + right();
    case '-':
      return () => left() - right();
    case '*':
      return () => left() * right();
    case '/':
      return () => finite(left() / right());
    case '%':
      return () => left() % right();
  }
}

function compare(left: Evaluate, right: Evaluate, holds: (a: number, b: number) => boolean): Evaluate {
  return () => {
    const [a, b] = [left(), right()];
    return Number.isNaN(a) || Number.isNaN(b) ? NaN : Number(holds(a, b));
  };
}

function call(name: ExpressionFunction, operands: readonly Evaluate[]): Evaluate {
  const values = (): number[] => operands.map((operand) => operand());
  const one = operands[0] as Evaluate;
  switch (name) {
    case 'min':
      return () => Math.min(...values());
    case 'max':
      return () => Math.max(...values());
    case 'average':
      return () => values().reduce((sum, value) => sum + value, 0) / operands.length;
    case 'abs':
      return () => Math.abs(one());
    case 'floor':
      return () => Math.floor(one());
    case 'ceil':
      return () => Math.ceil(one());
    case 'sqrt':
      return () => Math.sqrt(one());
    case 'round':
      return () => {
        const factor = 10 ** Math.min(12, Math.max(0, Math.trunc(operands[1]?.() ?? 0)));
        return Math.round(one() * factor) / factor;
      };
    case 'clamp':
      return () => {
        const [value, low, high] = values() as [number, number, number];
        return Math.min(Math.max(value, low), high);
      };
  }
}

function isTrue(value: number): boolean {
  return value !== 0 && !Number.isNaN(value);
}

/** A division by zero is as unknown as a value that may not be used. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : NaN;
}
