import assert from 'node:assert/strict';
import { drivers } from '../../../drivers/index.js';
import { loadSite, placedInSheet, readSheet, SHEET_FILE, writeSheet } from '../../../src/config/index.js';
import type { SheetReading, SheetSection } from '../../../src/contract/index.js';

const SITE = `# St Mary's
site: {name: st-mary, timezone: Europe/Berlin}
devices:
  plc: {driver: modbus-tcp, host: 10.0.0.1, unit: 1}

points:
  # supply air
  AHU1.SaT: {device: plc, at: "hr:0", type: int16, scale: 0.1, unit: degC}   # checked 2026-03
  AHU1.Sp:
    device: plc
    at: hr:1   # agreed
    write: {min: 12, max: 26.5}
  AHU1.Mode: {device: plc, at: "hr:2", states: [off, auto, "a|b"], write: true}

alarms:
  # the frost stat
  AHU1.low: {point: AHU1.SaT, low: 5.5, onDelay: 10s, instruction: "=look at the coil"}   # never widen this

trends:
  - {points: [AHU1.Sp], mode: interval, every: 15min}   # wanted by FM
  - {points: ["AHU1.*"]}
`;

const read = (section: SheetSection, sheet: string, options: { missing?: 'keep' | 'delete'; decimal?: ',' | '.' } = {}): SheetReading => readSheet(SITE, { section, sheet, missing: 'keep', ...options }, drivers);
const lines = (...rows: string[]): string => rows.join('\r\n');
/** Lines that differ, as `-old` and `+new`. */
function changed(after: string): string[] {
  const [a, b] = [SITE.split('\n'), after.split('\n')];
  return [...a.filter((line) => !b.includes(line)).map((line) => `-${line}`), ...b.filter((line) => !a.includes(line)).map((line) => `+${line}`)];
}
const told = ({ problems }: SheetReading): string[] => problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);

describe('configuration as a spreadsheet', () => {
  it('is written as a spreadsheet of the country reads it, nothing in it is a formula', () => {
    const sheet = writeSheet(SITE, 'alarms', { separator: ';', decimal: ',' }, drivers);
    assert.equal(sheet.charCodeAt(0), 0xfeff);
    const [titles = '', row = ''] = sheet.slice(1).split('\r\n');
    assert.match(titles, /^name;point;highHigh;high;low;.*;delete$/);
    assert.match(row, /^AHU1\.low;AHU1\.SaT;;;5,5;/);
    assert.ok(row.includes(";'=look at the coil;"), row);
    assert.match(writeSheet(SITE, 'points', { separator: ',', decimal: '.' }, drivers), /AHU1\.Mode,plc,,,,"off\|auto\|""a\|b""",|AHU1\.Mode,plc.*off\|auto\|""a\|b""/);
    assert.ok(!writeSheet(SITE, 'points', { separator: ',', decimal: '.' }, drivers).includes('trendLog'), 'columns of drivers that are not used are left out');
  });

  it('is read with any separator, columns in any order, line breaks in cells, a line for Excel, and no mark', () => {
    for (const sheet of [
      lines('low;name', '4,5;AHU1.low', ''),
      lines('\uFEFFname,low', 'AHU1.low,4.5'),
      'LOW\tName\n4,5\tAHU1.low\n',
      lines('sep=;', 'name;low', 'AHU1.low;4.5'),
    ]) {
      const reading = read('alarms', sheet);
      assert.deepEqual([reading.problems, reading.changes.map(({ name, row, cells }) => [name, row, cells.map(({ column }) => column)])], [[], [['AHU1.low', 2, ['low']]]]);
      assert.deepEqual(changed(reading.text), [
        '-  AHU1.low: {point: AHU1.SaT, low: 5.5, onDelay: 10s, instruction: "=look at the coil"}   # never widen this',
        '+  AHU1.low: {point: AHU1.SaT, low: 4.5, onDelay: 10s, instruction: "=look at the coil"}   # never widen this',
      ]);
    }
    const multi = read('points', lines('name;states', '"AHU1.Mode";"off\nauto\n""a|b"""', 'AHU1.SaT;"cold\r\nwarm"'));
    assert.deepEqual(multi.changes.map(({ name }) => name), ['AHU1.SaT']);
  });

  it('changes only the lines of what differs; comments, order and everything else stay', () => {
    const { text, changes, problems } = read('points', lines('name;unit;write;write.min;device;at', 'AHU1.SaT;K;;;plc;hr:0', 'AHU1.Sp;;true;12,5;plc;hr:1', 'AHU1.New;degC;WAHR;;plc;hr:9', ';;;;'));
    assert.deepEqual(problems, []);
    assert.deepEqual(changes.map(({ name, change, cells }) => [name, change, cells.length]), [['AHU1.SaT', 'changed', 1], ['AHU1.Sp', 'changed', 1], ['AHU1.New', 'added', 4]]);
    assert.deepEqual(changed(text), [
      '-  AHU1.SaT: {device: plc, at: "hr:0", type: int16, scale: 0.1, unit: degC}   # checked 2026-03',
      '-    at: hr:1   # agreed',
      '-    write: {min: 12, max: 26.5}',
      '+  AHU1.SaT: {device: plc, at: "hr:0", type: int16, scale: 0.1, unit: K}   # checked 2026-03',
      '+    at: hr:1 # agreed',
      '+    write: {min: 12.5, max: 26.5}',
      '+  AHU1.New: {unit: degC, write: true, device: plc, at: hr:9}',
    ]);
  });

  it('an empty cell is unset; a column that is not there says nothing', () => {
    const bare = read('points', lines('name;write.min;write.max', 'AHU1.Sp;;'));
    assert.match(bare.text, /write: true/);
    assert.deepEqual(read('points', lines('name;write;write.min;write.max', 'AHU1.Sp;;;')).text.includes('min: 12'), false);
    assert.deepEqual(told(read('points', lines('name;write;write.min', 'AHU1.Sp;;12'))), ['error B2 write: says that there is no `write`, and `write.min` has a value: empty both, or write true']);
    assert.deepEqual(told(read('points', lines('name;write.verify;write.verify.point', 'AHU1.Sp;echo;AHU1.SaT'))), ['error B2 write.verify: `write.verify` and `write.verify.point` exclude each other: empty one of them']);
  });

  it('removes nothing that was not asked for', () => {
    const kept = read('points', lines('name;unit', 'AHU1.SaT;degC'));
    assert.deepEqual([kept.changes, kept.missing, kept.text], [[], ['AHU1.Sp', 'AHU1.Mode'], SITE]);
    const asked = read('points', lines('name;unit', 'AHU1.SaT;degC'), { missing: 'delete' });
    assert.deepEqual(asked.changes.map(({ name, change }) => [name, change]), [['AHU1.Sp', 'removed'], ['AHU1.Mode', 'removed']]);
    const marked = read('points', lines('name;delete', 'AHU1.Mode;x', 'AHU1.Sp;'));
    assert.deepEqual(marked.changes, [{ name: 'AHU1.Mode', change: 'removed', row: 2, cells: [] }]);
    assert.deepEqual(changed(marked.text), ['-  AHU1.Mode: {device: plc, at: "hr:2", states: [off, auto, "a|b"], write: true}']);
    const all = read('alarms', lines('name;low;delete', 'AHU1.low;;ja', 'New.low;1;'));
    assert.deepEqual(loadSite({ path: 'x', text: all.text }, drivers).problems.map(({ path }) => path), ['alarms.New.low']);
  });

  it('has trends by their place: a new one goes behind the row above it', () => {
    const sheet = writeSheet(SITE, 'trends', { separator: ';', decimal: ',' }, drivers);
    assert.match(sheet, /^\uFEFFentry;points;mode;/);
    const { text, changes, problems } = read('trends', lines('entry;points;mode;every;delete', ';AHU1.Mode;;;', '0;AHU1.Sp;interval;5min;', ';"AHU1.SaT|AHU1.Sp";;;', '1;AHU1.*;;;x'));
    assert.deepEqual(problems, []);
    assert.deepEqual(changes.map(({ name, change, row }) => [name, change, row]), [['0', 'added', 2], ['0', 'changed', 3], ['2', 'added', 4], ['1', 'removed', 5]]);
    assert.match(text, /trends:\n {2}- \{points: \[AHU1\.Mode\]\}\n {2}- \{points: \[AHU1\.Sp\], mode: interval, every: 5min\} {3}# wanted by FM\n {2}- \{points: \[AHU1\.SaT, AHU1\.Sp\]\}\n$/);
  });

  it('names every bad cell by row and column, all at once', () => {
    assert.deepEqual(told(read('points', lines('name;unit;unit;Cabinet;hihg', 'AHU1.SaT;a;b;c;d', ';x', 'AHU1.SaT;;;;', 'AHU1.Sp;;;;;overhang', 'X;;;;', '"two'))), [
      'error A7: this is not a table: Quote Not Closed: the parsing is finished with an opening quote at line 7',
    ]);
    assert.deepEqual(told(read('points', lines('name;unit;unit;Cabinet;stats;delete', 'AHU1.SaT;a;b;c;d;', ';x', 'AHU1.SaT;;;;;', 'AHU1.Sp;;;;;;overhang', 'No;;;;;x', 'AHU1.Mode;;;;;perhaps'))), [
      'error C1: `unit` is the title of column B, too',
      'warning D1: a column `Cabinet` means nothing here and is left out',
      'warning E1: a column `stats` means nothing here and is left out; did you mean `states`?',
      'error A3 name: has no name',
      'error A4 name: `AHU1.SaT` has row 2 already',
      'error G5: is behind the last title: has a separator slipped into a cell without quotes?',
      'error F6 delete: there is no `No` to delete',
      'error F7 delete: write x to delete, or nothing (found "perhaps")',
    ]);
    assert.deepEqual(told(read('alarms', lines('point;high', 'a;1'))), ['error A1: has no column `name`: is this a table of alarms?']);
    assert.deepEqual(told(read('trends', lines('entry;points', '7;a'))), ['error A2 entry: there is no entry 7 (they count from 0); leave it empty for a new one, which goes behind the entry of the row above']);
  });

  it('takes no thousands for decimals', () => {
    const mixed = lines('name;low;high', 'AHU1.low;4.5;1,234', 'B;2;');
    assert.deepEqual(told(read('alarms', mixed)), ['error C2 high: 1,234 could be thousands: the table has decimal commas and points, write it without (or tell the decimal sign)']);
    assert.deepEqual(told(read('alarms', mixed, { decimal: ',' })), ['error B2 low: 4.5 has not the decimal sign that was told, `,`']);
    assert.match(read('alarms', lines('name;high', 'AHU1.low;1,234')).text, /high: 1\.234/);
  });

  it('tells what the check of the document finds at the cell where it is written', () => {
    const reading = read('alarms', lines('priority;name;point;low', 'eleven;AHU1.low;AHU1.SaT;abc', ';New;AHU1.SatT;1'));
    const { problems } = loadSite({ path: 'configuration', text: reading.text }, drivers);
    assert.deepEqual(placedInSheet(problems, 'alarms', reading.places, SHEET_FILE).map(({ file, line, column, path, message }) => [file, line, column, path, message]), [
      ['sheet', 2, 4, 'D2 low', 'must be a number (found "abc")'],
      ['sheet', 2, 1, 'A2 priority', 'must be a number (found "eleven")'],
      ['sheet', 3, 3, 'C3 point', 'there is no point `AHU1.SatT`; did you mean `AHU1.SaT`?'],
    ]);
    const trends = read('trends', lines('entry;points', '0;AHU1.Sp', ';Nothing', '1;AHU1.*'));
    assert.deepEqual(placedInSheet(loadSite({ path: 'configuration', text: trends.text }, drivers).problems, 'trends', trends.places, SHEET_FILE).map(({ line, path }) => [line, path]), [[3, 'B3 points']]);
  });

  it('refuses to take apart what anchors tie together', () => {
    const tied = SITE.replace('write: {min: 12, max: 26.5}', 'write: &w {min: 12, max: 26.5}').replace('write: true}', 'write: *w}');
    const sheet = lines('name;write.min', 'AHU1.Sp;13', 'AHU1.Mode;12');
    assert.throws(() => readSheet(tied, { section: 'points', sheet, missing: 'keep' }, drivers), /anchors/);
    assert.equal(readSheet(tied, { section: 'points', sheet: lines('name;unit', 'AHU1.SaT;K'), missing: 'keep' }, drivers).text, tied.replace('unit: degC', 'unit: K'));
  });
});
