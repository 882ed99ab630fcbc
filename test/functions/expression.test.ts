import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readExpression } from '../../src/config/expression.js';
import { ProblemList } from '../../src/config/problem-list.js';
import { SourceDocument } from '../../src/config/source-document.js';
import type { ReadPoint } from '../../src/config/points.js';
import { readVirtualPoints } from '../../src/config/virtual-points.js';
import { pointsOfExpression, type PointDefinition } from '../../src/contract/index.js';
import { compileExpression } from '../../src/functions/expression.js';

const definitions: readonly PointDefinition[] = [
  { id: 0, name: 'AHU1.SaT', kind: 'number', device: 'd', poll: 'fast' },
  { id: 1, name: 'AHU1.FanSts', kind: 'boolean', device: 'd', poll: 'fast', states: ['stop', 'run'] },
  { id: 2, name: 'Zone 1/T-2', kind: 'number', device: 'd', poll: 'fast' },
  { id: 3, name: 'Mode', kind: 'enum', device: 'd', poll: 'fast', states: ['off', 'day mode', 'night'] },
  { id: 4, name: 'Label', kind: 'text', device: 'd', poll: 'fast' },
];
const points = new Map(definitions.map((definition) => [definition.name, definition]));

function read(text: string): { expression: ReturnType<typeof readExpression>; problems: string[] } {
  const list = new ProblemList();
  const expression = readExpression(text, points, list.at(new SourceDocument('site.yaml', '')));
  return { expression, problems: list.take().map(({ code, message }) => `${code} ${message}`) };
}

function value(text: string, values: readonly number[]): number {
  const { expression, problems } = read(text);
  assert.deepEqual(problems, []);
  return compileExpression(expression!, { value: (point) => values[point] ?? NaN })();
}

describe('expressions', () => {
  it('reckon with points, states, texts and functions', () => {
    assert.equal(value('AHU1.SaT > 26 && AHU1.FanSts == run', [27, 1]), 1);
    assert.equal(value('AHU1.SaT > 26 && AHU1.FanSts == run', [27, 0]), 0);
    assert.equal(value('point("Zone 1/T-2") - AHU1.SaT * 2', [3, 0, 10]), 4);
    assert.equal(value('Mode != "day mode"', [0, 0, 0, 1]), 0);
    assert.equal(value('night == Mode ? max(1, 2, 7) : 0', [0, 0, 0, 2]), 7);
    assert.equal(value('!(AHU1.FanSts == stop) || false', [0, 1]), 1);
    assert.equal(value('round(clamp(AHU1.SaT, 0, 1.26), 1)', [9]), 1.3);
    assert.deepEqual(pointsOfExpression(read('AHU1.SaT + AHU1.SaT > point("Zone 1/T-2") && good(Mode)').expression!), [0, 2, 3]);
  });

  it('know what is unknown, and only that', () => {
    assert.equal(value('AHU1.SaT > 5', [NaN]), NaN);
    assert.equal(value('!(AHU1.SaT > 5)', [NaN]), NaN);
    assert.equal(value('AHU1.SaT > 5 && AHU1.FanSts == run', [NaN, 0]), 0);
    assert.equal(value('AHU1.FanSts == run || AHU1.SaT > 5', [NaN, 1]), 1);
    assert.equal(value('AHU1.SaT > 5 && AHU1.FanSts == run', [NaN, 1]), NaN);
    assert.equal(value('1 / AHU1.SaT > 0', [0]), NaN);
    assert.equal(value('good(AHU1.SaT)', [NaN]), 0);
    assert.equal(value('good(point("Zone 1/T-2")) && AHU1.SaT > 1', [2, 0, 1]), 1);
  });

  it('are refused with what is wrong', () => {
    const wrong: [string, RegExp][] = [
      ['AHU1.SaX > 5', /^CONFIG_REFERENCE there is no point `AHU1\.SaX`; did you mean `AHU1\.SaT`/],
      ['AHU1.FanSts == runs', /^CONFIG_REFERENCE there is no state `runs`; did you mean `run`/],
      ['maxx(1)', /^CONFIG_REFERENCE there is no function `maxx`; did you mean `max`/],
      ['clamp(1)', /takes 3 operands, not 1/],
      ['Label == 1', /is a text/],
      ['AHU1.SaT = 5', /CONFIG_INVALID/],
      ['AHU1.SaT >', /CONFIG_INVALID cannot be read as an expression/],
      ['', /CONFIG_INVALID is more than one expression, or empty/],
      ['this', /CONFIG_INVALID/],
      ['[1][0]', /CONFIG_INVALID/],
      ['constructor.constructor("return 1")()', /CONFIG_INVALID|CONFIG_REFERENCE/],
      ['AHU1.SaT << 2', /`<<` is no operator/],
      [`${'('.repeat(5_000)}1`, /at most 2000 characters/],
      ['"run" > 1', /can only be compared with a point that has states/],
      ['1e999', /a number is larger than any/],
    ];
    for (const [text, message] of wrong) {
      const { expression, problems } = read(text);
      assert.deepEqual([expression, problems.length], [undefined, 1], text.slice(0, 50));
      assert.match(problems[0]!, message);
    }
  });

  it('take the deepest and the widest that may be written, in memory and time of their text', () => {
    const deepest = [`${'!'.repeat(1_999)}1`, `${'-'.repeat(1_992)}AHU1.SaT`, `${'('.repeat(995)}AHU1.SaT${')'.repeat(995)}`, `1${'+1'.repeat(999)}`, `${'abs('.repeat(398)}1${')'.repeat(398)}`, `${'1?1:'.repeat(499)}1`, `max(${Array.from({ length: 100 }, () => 'AHU1.SaT').join()})`];
    for (const text of deepest) assert.equal(typeof value(text, [2]), 'number', text.slice(0, 20));
    // There is no way to write a loop, a text that grows, or a power; and what is too large to be a number is unknown where it is shown.
    assert.equal(value('AHU1.SaT * 1e308 / (AHU1.SaT * 1e308)', [1e300]), NaN);
  });

  it('of a chain as long as a site are put in order, and a circle as long is named by a few of its points', () => {
    const list = new ProblemList();
    const problems = list.at(new SourceDocument('site.yaml', ''));
    const [ring, length] = [10_000, 60_000];
    const of = (id: number): ReadPoint => {
      const definition: PointDefinition = { id, name: `v${id}`, kind: 'number', device: 'virtual', poll: 'normal' };
      // The last reads the one before it, and so on; the first `ring` of them bite their tail.
      return { definition, address: '', checked: {} as ReadPoint['checked'], virtual: { expression: `v${id === 0 ? ring - 1 : id - 1} + 1`, problems } };
    };
    const chain = new Map(Array.from({ length }, (_, at) => of(length - 1 - at)).map((point) => [point.definition.name, point]));
    const order = readVirtualPoints(chain, new Map([...chain].map(([name, { definition }]) => [name, definition])));
    assert.deepEqual([order.length, order.at(-1)?.point], [length, length - 1]);
    const [circle, ...others] = list.take();
    assert.equal(others.length, 0);
    assert.match(circle?.message ?? '', /^hangs on itself: (v\d+ -> ){9}… \(10000 points\) -> v\d+$/);
  });

  it('survive any text: a value or a problem, never an error', () => {
    const words = fc.constantFrom('AHU1.SaT', 'AHU1', '.', 'run', '==', '(', ')', '&&', '!', '-', '1', '"', ',', '?', ':', 'max', '[', ']', ' ', 'good', '`', '${', '\\', '@', '=>');
    fc.assert(fc.property(fc.array(words, { maxLength: 20 }), (parts) => {
      const { expression, problems } = read(parts.join(' '));
      assert.equal(expression === undefined, problems.length > 0);
      if (expression !== undefined) assert.equal(typeof compileExpression(expression, { value: () => 1 })(), 'number');
    }), { numRuns: 2_000 });
  });
});
