/**
 * A formula over points, read from the text of a site document (src/config/expression.ts) and evaluated by the
 * functions (src/functions/expression.ts). Plain data: points by id, states as their index, true as 1.
 */
export type Expression =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'point'; readonly point: number }
  /** 1 while the value of the point may be used, else 0; never unknown. */
  | { readonly kind: 'usable'; readonly point: number }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'choice'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: 'call'; readonly name: ExpressionFunction; readonly operands: readonly Expression[] };

export const unaryOperators = ['-', '+', '!'] as const;
export type UnaryOperator = (typeof unaryOperators)[number];

export const binaryOperators = ['||', '&&', '==', '!=', '<', '>', '<=', '>=', '+', '-', '*', '/', '%'] as const;
export type BinaryOperator = (typeof binaryOperators)[number];

/** Functions by name, with the least and the greatest number of operands. */
export const expressionFunctions = {
  min: [1, 100], max: [1, 100], average: [1, 100], abs: [1, 1], round: [1, 2], floor: [1, 1], ceil: [1, 1], sqrt: [1, 1], clamp: [3, 3],
} as const satisfies Readonly<Record<string, readonly [least: number, most: number]>>;
export type ExpressionFunction = keyof typeof expressionFunctions;

/** Ids of the points that an expression reads, each once. */
export function pointsOfExpression(expression: Expression): number[] {
  const points = new Set<number>();
  const look = (part: Expression): void => {
    switch (part.kind) {
      case 'constant':
        return;
      case 'point':
      case 'usable':
        points.add(part.point);
        return;
      case 'unary':
        look(part.operand);
        return;
      case 'binary':
        look(part.left);
        look(part.right);
        return;
      case 'choice':
        look(part.test);
        look(part.yes);
        look(part.no);
        return;
      case 'call':
        part.operands.forEach(look);
    }
  };
  look(expression);
  return [...points];
}
