import jsep, { type Expression as Parsed } from 'jsep';
import { binaryOperators, expressionFunctions, messageOf, unaryOperators, type Expression, type ExpressionFunction, type PointDefinition } from '../contract/index.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';

/** Every name that is written, undefined for those with a mistake. */
type Points = ReadonlyMap<string, PointDefinition | undefined>;

/** Enough for any condition; what is longer belongs in a program. */
const LONGEST = 2_000;

/** What is wrong with an expression; only within this file. */
class Wrong extends Error {
  constructor(
    readonly code: 'CONFIG_INVALID' | 'CONFIG_REFERENCE',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Reads an expression: `AHU1.SaT > 26 && AHU1.FanSts == run`. Points by name, states by text, numbers; the operators and
 * functions of the contract. A name that is not made of letters, digits, `_` and dots is written `point("Zone 1/T-2")`.
 */
export function readExpression(text: string, points: Points, problems: DocumentProblems): Expression | undefined {
  try {
    if (text.length > LONGEST) throw new Wrong('CONFIG_INVALID', `must be at most ${LONGEST} characters`);
    return translate(parse(text), points);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    problems.error(error.code, error.message);
    return undefined;
  }
}

/** Whether it gives true or false; false for what cannot be read. */
export function isCondition(text: string): boolean {
  try {
    const { type, operator } = parse(text);
    return type === 'LogicalExpression' || (type === 'UnaryExpression' && operator === '!') || (type === 'BinaryExpression' && /^(?:\|\||&&|[=!]==?|[<>]=?)$/.test(plain(operator)));
  } catch {
    return false;
  }
}

function parse(text: string): Parsed {
  try {
    return jsep(text);
  } catch (error) {
    throw new Wrong('CONFIG_INVALID', `cannot be read as an expression: ${messageOf(error)}`);
  }
}

function translate(parsed: Parsed, points: Points): Expression {
  switch (parsed.type) {
    case 'Literal':
      return literal(parsed.value);
    case 'Identifier':
    case 'MemberExpression':
      return { kind: 'point', point: pointNamed(nameOf(parsed), points).id };
    case 'UnaryExpression':
      return { kind: 'unary', operator: known(parsed.operator, unaryOperators), operand: translate(parsed.argument as Parsed, points) };
    case 'BinaryExpression':
    case 'LogicalExpression':
      return binary(parsed, points);
    case 'ConditionalExpression': {
      const [test, yes, no] = [parsed.test, parsed.consequent, parsed.alternate].map((part) => translate(part as Parsed, points)) as [Expression, Expression, Expression];
      return { kind: 'choice', test, yes, no };
    }
    case 'CallExpression':
      return call(parsed, points);
    case 'Compound':
      throw new Wrong('CONFIG_INVALID', 'is more than one expression, or empty; a name with other characters than letters, digits, `_` and dots is written `point("…")`');
    default:
      throw new Wrong('CONFIG_INVALID', `${parsed.type} is not part of expressions`);
  }
}

function binary(parsed: Parsed, points: Points): Expression {
  const operator = known(plain(parsed.operator).replace('===', '==').replace('!==', '!='), binaryOperators);
  const [left, right] = [parsed.left as Parsed, parsed.right as Parsed];
  if (operator === '==' || operator === '!=') {
    const [ofLeft, ofRight] = [statesOf(left, points), statesOf(right, points)];
    if (ofLeft !== undefined && isText(right, points)) return { kind: 'binary', operator, left: translate(left, points), right: state(right, ofLeft) };
    if (ofRight !== undefined && isText(left, points)) return { kind: 'binary', operator, left: state(left, ofRight), right: translate(right, points) };
  }
  return { kind: 'binary', operator, left: translate(left, points), right: translate(right, points) };
}

function call(parsed: Parsed, points: Points): Expression {
  const name = nameOf(parsed.callee as Parsed);
  const written = parsed.arguments as Parsed[];
  if (name === 'point') return { kind: 'point', point: quotedPoint(name, written, points).id };
  if (name === 'good') return { kind: 'usable', point: quotedPoint(name, written, points).id };
  if (!isFunction(name)) throw new Wrong('CONFIG_REFERENCE', `there is no function \`${name}\`${suggestion(name, [...Object.keys(expressionFunctions), 'point', 'good'])}`);
  const [least, most] = expressionFunctions[name];
  if (written.length < least || written.length > most) throw new Wrong('CONFIG_INVALID', `\`${name}\` takes ${least === most ? least : `${least} to ${most}`} operands, not ${written.length}`);
  return { kind: 'call', name, operands: written.map((operand) => translate(operand, points)) };
}

function quotedPoint(name: string, written: readonly Parsed[], points: Points): PointDefinition {
  const [only] = written;
  if (only === undefined || written.length !== 1) throw new Wrong('CONFIG_INVALID', `\`${name}\` takes one point`);
  if (only.type === 'CallExpression' && nameOf(only.callee as Parsed) === 'point') return quotedPoint('point', only.arguments as Parsed[], points);
  return pointNamed(only.type === 'Literal' ? plain(only.value) : nameOf(only), points);
}

function literal(value: unknown): Expression {
  if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'constant', value };
  if (typeof value === 'number') throw new Wrong('CONFIG_INVALID', 'a number is larger than any that can be reckoned with');
  if (typeof value === 'boolean') return { kind: 'constant', value: Number(value) };
  throw new Wrong('CONFIG_INVALID', `${JSON.stringify(value)} can only be compared with a point that has states`);
}

function pointNamed(name: string, points: Points): PointDefinition {
  if (!points.has(name)) throw new Wrong('CONFIG_REFERENCE', `there is no point \`${name}\`${suggestion(name, points.keys())}`);
  const point = points.get(name);
  if (point === undefined) throw new Wrong('CONFIG_REFERENCE', `point \`${name}\` has a mistake of its own`);
  if (point.kind === 'text') throw new Wrong('CONFIG_INVALID', `\`${name}\` is a text: expressions reckon with numbers and states`);
  return point;
}

/** A dotted name, as `AHU1.SaT` is read. */
function nameOf(parsed: Parsed): string {
  if (parsed.type === 'Identifier') return plain(parsed.name);
  if (parsed.type === 'MemberExpression' && parsed.computed !== true) return `${nameOf(parsed.object as Parsed)}.${nameOf(parsed.property as Parsed)}`;
  throw new Wrong('CONFIG_INVALID', 'a name is letters, digits, `_` and dots; others are written `point("…")`');
}

/** The states of a point, where `parsed` is one that has them. */
function statesOf(parsed: Parsed, points: Points): readonly string[] | undefined {
  const isCall = parsed.type === 'CallExpression' && nameOf(parsed.callee as Parsed) === 'point';
  if (isCall) return quotedPoint('point', parsed.arguments as Parsed[], points).states;
  return parsed.type === 'Identifier' || parsed.type === 'MemberExpression' ? points.get(nameOf(parsed))?.states : undefined;
}

/** A text, or a bare word that names no point. */
function isText(parsed: Parsed, points: Points): boolean {
  return (parsed.type === 'Literal' && typeof parsed.value === 'string') || (parsed.type === 'Identifier' && !points.has(plain(parsed.name)));
}

function state(parsed: Parsed, states: readonly string[]): Expression {
  const text = plain(parsed.type === 'Literal' ? parsed.value : parsed.name);
  const value = states.indexOf(text);
  if (value < 0) throw new Wrong('CONFIG_REFERENCE', `there is no state \`${text}\`${suggestion(text, states)}; the states are ${states.join(', ')}`);
  return { kind: 'constant', value };
}

function known<T extends string>(operator: unknown, operators: readonly T[]): T {
  const found = operators.find((one) => one === operator);
  if (found === undefined) throw new Wrong('CONFIG_INVALID', `\`${String(operator)}\` is no operator of expressions; there are ${operators.join(' ')}`);
  return found;
}

function isFunction(name: string): name is ExpressionFunction {
  return Object.hasOwn(expressionFunctions, name);
}

function plain(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
