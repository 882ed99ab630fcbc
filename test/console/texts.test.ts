import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** What a person reads of an attribute. */
const READ = new Set(['title', 'subtitle', 'label', 'aria-label', 'ariaLabel', 'placeholder', 'alt', 'hint', 'question', 'confirm', 'working', 'header', 'detail', 'text']);

/** Words that stand in a component and not in a file of texts. */
function wordsIn(file: string, source: string): string[] {
  const found: string[] = [];
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TSX);
  const look = (node: ts.Node): void => {
    const { line } = parsed.getLineAndCharacterOfPosition(node.getStart());
    const tell = (text: string): void => {
      if (/\p{L}{2,}/u.test(text)) found.push(`${file}:${String(line + 1)} ${text.trim()}`);
    };
    if (ts.isJsxText(node)) tell(node.text);
    if (ts.isJsxAttribute(node) && READ.has(node.name.getText()) && node.initializer !== undefined && ts.isStringLiteral(node.initializer)) tell(node.initializer.text);
    ts.forEachChild(node, look);
  };
  look(parsed);
  return found;
}

describe('console: texts', () => {
  it('stand in one place: no component has words of its own', () => {
    assert.deepEqual(wordsIn('a.tsx', '<p title="Some words">{texts.a} more words <code>{b}</code> · </p>'), ['a.tsx:1 Some words', 'a.tsx:1 more words']);
    const files = readdirSync('src/console', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tsx'));
    assert.ok(files.length > 100);
    assert.deepEqual(files.flatMap((name) => wordsIn(name, readFileSync(join('src/console', name), 'utf8'))), []);
  });
});
