import assert from 'node:assert/strict';
import fc from 'fast-check';
import { drivers } from '../../../drivers/index.js';
import { loadSite, placedInSheet, readSheet, SHEET_FILE, writeSheet } from '../../../src/config/index.js';
import { differencesOf, withDifferences } from '../../../src/config/differences.js';
import type { SheetReading } from '../../../src/contract/index.js';

const SITE = `site: {name: tower, timezone: Europe/Berlin}
devices:
  vav-101: {driver: modbus-tcp, host: 10.0.0.1}
  vav-102: {driver: modbus-tcp, host: 10.0.0.2}
points:
  Oat: {device: vav-101, at: "hr:9", unit: degC}   # on the roof
templates:
  vav:
    "{p}.ZnT":   {device: "{d}", at: "hr:0", type: int16, scale: 0.1, unit: degC, cov: "{step}"}
    "{p}.ZnTSp": {device: "{d}", at: "hr:1", write: {priority: 10, min: 16, max: 26}}
use:
  - {template: vav, p: R101, d: vav-101, step: 0.2}   # the corner office
  - {template: vav, p: R102, d: vav-102, step: 0.5}
`;
const dialect = { separator: ';', decimal: ',' } as const;
const lines = (...rows: string[]): string => rows.join('\r\n');
const read = (sheet: string, text = SITE, missing: 'keep' | 'delete' = 'keep'): SheetReading => readSheet(text, { section: 'points', sheet, missing }, drivers);
const told = ({ problems }: SheetReading): string[] => problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
function changed(after: string, before = SITE): string[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  return [...a.filter((line) => !b.includes(line)).map((line) => `-${line}`), ...b.filter((line) => !a.includes(line)).map((line) => `+${line}`)];
}
const points = (text: string): Map<string, unknown> => {
  const { site, problems } = loadSite({ path: 'site.yaml', text }, drivers);
  assert.deepEqual(problems, []);
  return new Map(site?.points.map((point) => [point.name, point]));
};

describe('points of templates as a spreadsheet', () => {
  it('have a row each, marked with the template, and come back as they went out', () => {
    const sheet = writeSheet(SITE, 'points', dialect, drivers);
    const rows = sheet.slice(1).split('\r\n').map((row) => row.split(';').slice(0, 3));
    assert.deepEqual(rows.slice(0, 6), [['name', 'template', 'device'], ['Oat', '', 'vav-101'], ['R101.ZnT', 'vav', 'vav-101'], ['R101.ZnTSp', 'vav', 'vav-101'], ['R102.ZnT', 'vav', 'vav-102'], ['R102.ZnTSp', 'vav', 'vav-102']]);
    for (const missing of ['keep', 'delete'] as const) {
      const { changes, problems, text } = read(sheet, SITE, missing);
      assert.deepEqual([changes, problems, text], [[], [], SITE]);
    }
  });

  it('are different where the table says so: in their entry of `use`, and nowhere else', () => {
    const { text, changes, problems } = read(lines('name;template;cov;unit;write.min;write.priority', 'R101.ZnT;vav;0,5;;;', 'R101.ZnTSp;vav;;;18;10', 'R102.ZnT;vav;0,5;degC;;'));
    assert.deepEqual(problems, []);
    assert.deepEqual(changes.map(({ name, change, row, cells }) => [name, change, row, cells.map(({ column, from, to }) => `${column} ${from}>${to}`)]), [
      ['R101.ZnT', 'changed', 2, ['cov 0,2>0,5', 'unit degC>']],
      ['R101.ZnTSp', 'changed', 3, ['write.min 16>18']],
    ]);
    assert.deepEqual(changed(text), [
      '-  - {template: vav, p: R101, d: vav-101, step: 0.2}   # the corner office',
      '+  - {template: vav, p: R101, d: vav-101, step: 0.2, differs: {R101.ZnT: {unit: null, cov: 0.5}, R101.ZnTSp: {write: {min: 18}}}}   # the corner office',
    ]);
    const [before, after] = [points(SITE), points(text)];
    assert.deepEqual({ unit: 'degC', ...(after.get('R101.ZnT') as object) }, { ...(before.get('R101.ZnT') as object), cov: 0.5 });
    assert.equal(Object.hasOwn(after.get('R101.ZnT') as object, 'unit'), false);
    assert.deepEqual((after.get('R101.ZnTSp') as { write: { min: number; max: number } }).write, { ...(before.get('R101.ZnTSp') as { write: object }).write, min: 18 });
    assert.deepEqual(after.get('R102.ZnT'), before.get('R102.ZnT'));
    // Exported as they are now, and as the template has them again: nothing is left of it.
    assert.deepEqual(read(writeSheet(text, 'points', dialect, drivers), text).changes, []);
    assert.equal(read(writeSheet(SITE, 'points', dialect, drivers), text).text, SITE);
  });

  it('follow their template in all that the instance does not say otherwise', () => {
    const { text } = read(lines('name;cov', 'R101.ZnT;1'));
    const later = text.replace('unit: degC, cov', 'unit: K, cov').replace('max: 26', 'max: 24');
    const all = points(later) as Map<string, { unit?: string; cov?: number; write?: { max?: number } }>;
    assert.deepEqual([all.get('R101.ZnT')?.unit, all.get('R101.ZnT')?.cov, all.get('R102.ZnT')?.cov, all.get('R101.ZnTSp')?.write?.max], ['K', 1, 0.5, 24]);
  });

  it('are neither deleted nor made by rows, and a mistake is told at its cell', () => {
    assert.deepEqual(told(read(lines('name;template;unit;delete', 'R101.ZnT;vav;;x', 'R103.ZnT;vav;degC;', 'Oat;vav;degC;', 'R102.ZnT;wav;degC;'))), [
      'error D2 delete: `R101.ZnT` is made by template `vav` (use[0]) and cannot be deleted here: change the template, or take the entry out of `use`',
      'error B3 template: `vav` makes no point `R103.ZnT`: it is made by an entry of `use`, not by a row; empty the cell for a point of its own',
      'error B4 template: `vav` makes no point `Oat`: it is made by an entry of `use`, not by a row; empty the cell for a point of its own',
      'error B5 template: `wav` makes no point `R102.ZnT`: it is made by an entry of `use`, not by a row; empty the cell for a point of its own',
    ]);
    const reading = read(lines('name;device;cov', 'R101.ZnT;vav-101;much', 'R102.ZnT;vav-109;0,5'));
    const { problems } = loadSite({ path: 'configuration', text: reading.text }, drivers);
    assert.deepEqual(placedInSheet(problems, 'points', reading.places, SHEET_FILE).map(({ file, path, message }) => [file, path, message]), [
      ['sheet', 'C2 cov', 'must be a number (found "much")'],
      ['sheet', 'B3 device', 'there is no device `vav-109`; did you mean `vav-101`?'],
    ]);
  });

  it('name what an entry of `use` cannot say', () => {
    const text = SITE.replace('step: 0.5}', 'step: 0.5, differs: {R102.ZnTT: {cov: 1}, R102.ZnT: 5, R102.ZnTSp: {unti: K}}}');
    assert.deepEqual(loadSite({ path: 'site.yaml', text }, drivers).problems.map(({ code, path, message }) => `${code} ${path}: ${message}`), [
      'CONFIG_REFERENCE use[1].differs.R102.ZnTT: this entry makes no point `R102.ZnTT`; did you mean `R102.ZnT`?',
      'CONFIG_INVALID use[1].differs.R102.ZnT: must be a block of keys of the point',
      'CONFIG_UNKNOWN_KEY use[1].differs.R102.ZnTSp.unti: there is no key `unti` here; did you mean `unit`?',
    ]);
  });

  it('differ by exactly what makes one definition of the other, whatever they are', () => {
    const keyed = <T>(key: fc.Arbitrary<string>, value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> => fc.dictionary(key, value, { noNullPrototype: true });
    const leaf = fc.oneof(fc.integer(), fc.string({ maxLength: 3 }), fc.boolean(), fc.array(fc.integer(), { maxLength: 2 }));
    const block = keyed(fc.constantFrom('a', 'b', 'c', 'd'), fc.oneof(leaf, keyed(fc.constantFrom('a', 'b', 'c'), fc.oneof(leaf, keyed(fc.constantFrom('x', 'y'), leaf)))));
    fc.assert(
      fc.property(block, block, (base, wanted) => {
        const differences = differencesOf(base, wanted);
        assert.deepEqual(withDifferences(base, differences ?? {}), { ...wanted });
        assert.deepEqual(withDifferences(base, (JSON.parse(JSON.stringify(differences ?? {})) ?? {}) as Record<string, unknown>), { ...wanted });
      }),
    );
  });
});
