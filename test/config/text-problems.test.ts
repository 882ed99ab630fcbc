import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addBlocks, editDefinition, loadNode, loadSite } from '../../src/config/index.js';
import { SourceDocument } from '../../src/config/source-document.js';
import { modules, problemsOf, siteOf, siteWith } from './fake-driver.js';

describe('config: the text itself', () => {
  it('reports YAML errors with their place, and nothing that follows from them', () => {
    assert.deepEqual(problemsOf('site: {name: test\npoints: {a: [}\n').map((problem) => problem.split(': ')[0]), [
      'site.yaml:2:1 error CONFIG_SYNTAX',
      'site.yaml:2:14 error CONFIG_SYNTAX',
      'site.yaml:2:15 error CONFIG_SYNTAX',
    ]);
  });

  it('refuses what is no mapping', () => {
    const expected = 'site.yaml:1:1 error CONFIG_INVALID: a site document is a block of keys that begins with `site:`';
    for (const text of ['', '# nothing\n', '- a\n', 'just words\n']) assert.deepEqual(problemsOf(text), [expected]);
  });

  it('refuses keys that are no texts, several documents and unknown tags', () => {
    assert.deepEqual(problemsOf('site: {? [a] : b}\n'), ['site.yaml:1:10 error CONFIG_SYNTAX site: a key must be a plain text',
      ...['name', 'timezone'].map((key) => `site.yaml:1:1 error CONFIG_INVALID site.${key}: \`${key}\` is missing: it must be a text (quote it if it looks like a number)`)].sort());
    assert.match(problemsOf('site: {}\n---\nsite: {}\n').join(), /^site.yaml:2:1 error CONFIG_SYNTAX/);
    assert.match(problemsOf('site: !secret x\n').join(), /^site.yaml:1:7 error CONFIG_SYNTAX/);
    assert.match(problemsOf('__proto__: {a: 1}\n').join(), /1:1 error CONFIG_SYNTAX: a key must be a plain text/);
  });

  it('follows anchors, and points to where their text stands', () => {
    const site = siteOf(siteWith('devices: {d: &d {driver: fake, host: h}, e: *d}\n'));
    assert.deepEqual(site.devices.map(({ name }) => name), ['d', 'e']);
    assert.deepEqual(problemsOf(siteWith('devices: {d: {driver: fake, host: h}}\npoints: {a: &a {device: d, at: x}, b: *a}\n')), [
      'site.yaml:3:32 error CONFIG_ADDRESS points.a.at: `x` is no address',
      'site.yaml:3:32 error CONFIG_ADDRESS points.b.at: `x` is no address',
    ]);
  });

  it('survives aliases that multiply, cycles and deep nesting', () => {
    const bomb = Array.from({ length: 21 }, (_, index) => `a${index}: &a${index} [${index === 0 ? 'x' : `*a${index - 1}, *a${index - 1}`}]`).join('\n');
    assert.match(problemsOf(bomb).join(), /CONFIG_SYNTAX: more than 500000 values; aliases multiply/);
    assert.match(problemsOf('site: &s {a: *s}\n').join(), /CONFIG_SYNTAX: nested more than 32 levels deep/);
  });

  // V8 ends the process, and throws nothing, where the stack ends within a regular expression of the parser: so it must never be given these.
  it('is not given to the parser where it is nested too deeply, in whatever way', () => {
    const deep = ['[', '{a: ', '{? ', '- ', '? ', ': ', 'a: ', 'a: - ', '- - a: ', '- [{'].map((text) => text.repeat(5_000));
    const lines = ['a:', '-', '- -', '? - a:', '"a":', '[b]: '].map((text) => Array.from({ length: 300 }, (_, line) => ' '.repeat(line * text.length) + text).join('\n'));
    for (const text of [...deep, ...lines]) assert.deepEqual(problemsOf(text), ['site.yaml:1:1 error CONFIG_SYNTAX: nested too deeply to be read'], text.slice(0, 20));
    for (const text of deep) assert.throws(() => addBlocks(text, ''), { code: 'CONFIG_SYNTAX' });
    let value: unknown = 1;
    for (let level = 0; level < 5_000; level++) value = [value];
    assert.throws(() => editDefinition('site: {name: x}', 'points', 'a', value), { code: 'CONFIG_SYNTAX' });
  });

  it('is read where it only looks deep: brackets, dashes and indentation within quotes, comments, texts and lists', () => {
    const brackets = '[{'.repeat(200);
    const looks = [`a: "${brackets}"`, `a: '${brackets}'`, `# ${brackets}\na: 1`, `a: |\n  ${brackets}\n${' '.repeat(200)}x\nb: 2`, `a: x ${'- '.repeat(200)}`, `a: {${Array.from({ length: 200 }, (_, key) => `k${key}: [1]`).join(', ')}}`, `a:\n${' '.repeat(100)}b: 1\nc: [{}, []]`, Array.from({ length: 500 }, (_, key) => `k${key}:\n- a: [1]\n- {b: 2}`).join('\n')];
    for (const text of looks) assert.deepEqual(new SourceDocument('site.yaml', text).textProblems, [], text.slice(0, 60));
    const deepest = `${'['.repeat(30)}${']'.repeat(30)}`;
    assert.deepEqual(new SourceDocument('site.yaml', `a: ${deepest}`).textProblems, []);
  });

  it('never throws, whatever the text', () => {
    const word = fc.constantFrom('site', 'name', 'timezone', 'points', 'devices', 'templates', 'use', 'template', 'alarms', 'trends', 'lines', 'redundancy', 'node', 'partners', 'listen', 'console',
      'driver', 'fake', 'device', 'at', 'write', 'states', 'host', 'd', '{d}', '{', '*', '&a', '*a', '__proto__', 'constructor', 'toString', '1', '-5', '.inf', 'null', 'true', '5s', '"num:1"', '~', '!x');
    const tree = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof({ depthSize: 'medium' }, word, fc.double(), fc.boolean(), fc.constant(null), fc.array(tie('any'), { maxLength: 4 }), fc.dictionary(word, tie('any'), { maxKeys: 5 })),
    })).any;
    const yamlish = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.oneof(word, fc.constantFrom(': ', '\n', '\n  ', '- ', '[', ']', '{', '}', ', ', '"', "'", '#', '|', '>', '\t', '---\n', '? ', '<<: ')), { maxLength: 60 }).map((parts) => parts.join('')),
      tree.map((value) => JSON.stringify(value)),
      fc.dictionary(fc.constantFrom('site', 'node', 'points', 'devices', 'templates', 'use', 'alarms', 'trends', 'lines', 'polling', 'redundancy', 'partners', 'field'), tree).map((value) => JSON.stringify(value)),
    );
    fc.assert(fc.property(yamlish, (text) => {
      const { site, problems } = loadSite({ path: 'site.yaml', text }, modules);
      assert.equal(site === undefined, problems.some(({ severity }) => severity === 'error'));
      const { node, problems: nodeProblems } = loadNode({ path: 'node.yaml', text }, 0);
      assert.equal(node === undefined, nodeProblems.some(({ severity }) => severity === 'error'));
      for (const { line, column } of [...problems, ...nodeProblems]) assert.ok(line >= 1 && column >= 1);
    }), { numRuns: 1_000 });
  });
});
