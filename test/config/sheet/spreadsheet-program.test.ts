import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drivers } from '../../../drivers/index.js';
import { readSheet, writeSheet } from '../../../src/config/index.js';
import type { SheetDialect, SheetReading, SheetSection } from '../../../src/contract/index.js';
import { requireTool } from '../../hooks.js';

const SITE = `site: {name: tower, timezone: Europe/Berlin}
devices:
  plc: {driver: modbus-tcp, host: 10.0.0.1}
points:
  Oat: {device: plc, at: "hr:9", scale: 0.1, unit: "°C", description: "=1+1 \\"quoted\\"; with, all", tags: [roof, "#1"]}
  "1-2": {device: plc, at: "40101", states: [off, "a|b"], write: true}
  Sp: {device: plc, at: "hr:3", write: {min: 12.5, max: 26, priority: 10}}
templates:
  vav:
    "{p}.ZnT": {device: plc, at: "hr:{r}", cov: "{step}"}
use:
  - {template: vav, p: R101, r: 20, step: 0.2}
alarms:
  Oat.high: {point: Oat, high: 45.5, deadband: 0.5, onDelay: 1.5h, message: "-5 is too low; +45 too high"}
  Mode.off: {point: "1-2", state: off, latch: true}
trends:
  - {points: [Oat, Sp], mode: interval, every: 15min}
  - {points: ["R*"], deadband: 0.25}
`;

/** Gnumeric opens the table, keeps it as its own kind of document, changes cells and writes a table again: whatever it made of our text. */
describe('configuration as a spreadsheet: Gnumeric', function () {
  this.timeout(60_000);
  let folder = '';

  before(function () {
    requireTool(this, 'ssconvert');
    folder = mkdtempSync(join(tmpdir(), 'tandem-sheet-'));
  });

  after(() => {
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  function through(section: SheetSection, dialect: SheetDialect, ...set: string[]): SheetReading {
    const [out, book, back] = ['out.csv', 'book.xlsx', 'back.txt'].map((name) => join(folder, name)) as [string, string, string];
    writeFileSync(out, writeSheet(SITE, section, dialect, drivers));
    execFileSync('ssconvert', [out, book], { stdio: 'pipe' });
    execFileSync('ssconvert', [...set.flatMap((cell) => ['--set', cell]), '-O', `separator=${dialect.separator} format=raw`, book, back], { stdio: 'pipe' });
    return readSheet(SITE, { section, sheet: readFileSync(back, 'utf8'), missing: 'delete' }, drivers);
  }

  for (const [section, separator] of [['points', ';'], ['points', ','], ['alarms', ','], ['trends', ';']] as const) {
    it(`opens ${section} with \`${separator}\`, and changes nothing by itself`, () => {
      const { changes, problems, text } = through(section, { separator, decimal: '.' });
      assert.deepEqual({ changes, problems }, { changes: [], problems: [] });
      assert.equal(text, SITE);
    });
  }

  it('changes what somebody changed there, in a point of a template too', () => {
    const titles = writeSheet(SITE, 'points', { separator: ';', decimal: '.' }, drivers).slice(1).split('\r\n')[0]?.split(';') ?? [];
    const letter = (title: string): string => String.fromCharCode(65 + titles.indexOf(title));
    const { changes, problems, text } = through('points', { separator: ';', decimal: '.' }, `${letter('write.min')}4=13.25`, `${letter('cov')}5=0.75`);
    assert.deepEqual(problems, []);
    assert.deepEqual(changes.map(({ name, cells }) => [name, ...cells.map(({ column, to }) => `${column} ${to}`)]), [['Sp', 'write.min 13.25'], ['R101.ZnT', 'cov 0.75']]);
    assert.match(text, /Sp: \{device: plc, at: "hr:3", write: \{min: 13\.25, max: 26, priority: 10\}\}/);
    assert.match(text, /step: 0\.2, differs: \{R101\.ZnT: \{cov: 0\.75\}\}\}/);
  });
});
