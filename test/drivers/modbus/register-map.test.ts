import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { readRegisterMap, type RegisterMapOptions } from '../../../drivers/modbus/register-map.js';
import { pointBlocks } from '../../../drivers/modbus/site-block.js';
import { parse as parseDevice, type RigPoint } from './rig.js';

const read = (text: string, options: Partial<RegisterMapOptions> = {}) => {
  const { points, problems, warnings } = readRegisterMap(text, { device: 'meter', ...options });
  return { points: Object.fromEntries(points), problems: problems.map(({ line, message }) => `${line}: ${message}`), warnings };
};

const german = '\ufeffBezeichnung;Adresse;Datentyp;Faktor;Einheit;Zugriff;Min;Max;Reihenfolge;Beschreibung\r\n'
  + 'Vorlauf;40101;INT;0,1;°C;R;;;;"Fühler; ""Vorlauf"""\r\n'
  + 'Sollwert;hr:110;REAL;;°C;R/W;5;35,5;CDAB;\r\n'
  + ';;;;;;;;;\r\n'
  + 'Zähler;30021;UDINT;1;kWh;R;;;;\r\n'
  + 'Pumpe;00006;BOOL;;;W;;;;\r\n'
  + 'Störung;hr:9.15;BOOL;;;;;;;\r\n'
  + 'Name;hr:200;STRING(20);;;;;;;\r\n';

describe('Modbus register maps', () => {
  it('with semicolons, decimal commas, a byte-order mark, and quotes', () => {
    const { points, problems } = read(german);
    assert.deepEqual(problems, []);
    assert.deepEqual(points, {
      Vorlauf: { device: 'meter', at: 'hr:100', type: 'int16', scale: 0.1, unit: '°C', description: 'Fühler; "Vorlauf"' },
      Sollwert: { device: 'meter', at: 'hr:110', type: 'float32', wordOrder: 'little', unit: '°C', write: { min: 5, max: 35.5 } },
      Zähler: { device: 'meter', at: 'ir:20', type: 'uint32', unit: 'kWh' },
      Pumpe: { device: 'meter', at: 'co:5', type: 'bool', write: true },
      Störung: { device: 'meter', at: 'hr:9.15', type: 'bool' },
      Name: { device: 'meter', at: 'hr:200', type: 'string(20)' },
    });
    const { points: parsed } = parse(pointBlocks(new Map(Object.entries(points)))) as { points: typeof points };
    assert.deepEqual(parsed, points);
  });

  it('with commas, a column for the table, and plain numbers from a base that is said', () => {
    const table = 'Tag Name,Function,Register,Bit,Data Type,Poll,States,Maker\nState,3,0x10,,word,slow,0=off|1=on,x\nFlow,Input Register,16,,real,,,\nAlarm,3,11h,3,bit,,,\n';
    const zero = read(table, { base: 0, prefix: 'P1.' });
    assert.deepEqual(zero.problems, []);
    assert.deepEqual(Object.entries(zero.points).map(([name, { at }]) => `${name} ${String(at)}`), ['P1.State hr:16', 'P1.Flow ir:16', 'P1.Alarm hr:17.3']);
    assert.deepEqual([zero.points['P1.State']!.poll, zero.points['P1.State']!.states], ['slow', ['off', 'on']]);
    assert.match(zero.warnings[0]!.message, /Maker/);
    assert.deepEqual(Object.values(read(table, { base: 1 }).points).map(({ at }) => at), ['hr:15', 'ir:15', 'hr:16.3']);
    assert.match(read(table).problems[0]!, /^2: 0x10 is a plain number: say with --base/);
  });

  it('names every bad row by its line, all at once, also behind a cell with line breaks', () => {
    const { problems } = read([
      'name;at;type;scale;order;access;min;poll',
      '"A\nsecond line of the name";hr:0;int;;;;;',
      'B;100;int;;;;;',
      'C;hr:1;banana;;;;;',
      'D;hr:2;int;1.234,5;;;;',
      'E;hr:3;int;;ACBD;;;',
      'F;ir:4;int;;;RW;;',
      'G;hr:5;int;;;maybe;low;',
      'H;hr:70000;int;;;;;',
      'H2;hr:65535;real;;;;;',
      'C2;hr:20;int;0;;;;',
      'I;hr:30;int;;;;;sometimes',
      'J;hr:31;int;;;;;',
      'J;hr:32;int;;;;;',
      ';hr:33;int;;;;;',
      'K;hr:40;real;;;;;',
      'L;hr:41;int;;;;;',
    ].join('\n'));
    assert.deepEqual(problems.map((problem) => Number(problem.split(':')[0])), [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 18]);
    assert.match(problems.find((each) => each.startsWith('15:'))!, /the name J is that of line 14 too/);
    assert.match(problems.at(-1)!, /read the same registers in different ways/);
  });

  it('says what is wrong with the table as a whole', () => {
    assert.match(read('').problems[0]!, /^1: the table is empty/);
    assert.deepEqual(read('foo;bar\n1;2\n').problems.length, 2);
    assert.match(read('name;at;address\nA;hr:0;hr:1\n').problems[0]!, /two columns mean `at`/);
    assert.match(read('name;at\n"A;hr:0\n').problems[0]!, /^\d+: .*quot/i);
  });

  it('never throws, and what it takes the driver takes', () => {
    const cell = fc.oneof(fc.constantFrom('hr:1', '40001', 'int', 'real', '0,1', 'RW', '"', ';', '\n', 'ABCD', '1e999', '-5', ''), fc.string());
    fc.assert(fc.property(fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 6 }), (rows) => {
      const { points, problems } = read(`name;at;type;scale;order;access;min;max\n${rows.map((row) => row.join(';')).join('\n')}`);
      if (problems.length > 0) return;
      for (const [name, { at, type, scale, wordOrder, byteOrder }] of Object.entries(points)) {
        const keys = Object.fromEntries(Object.entries({ at, type, scale, wordOrder, byteOrder }).filter(([, value]) => value !== undefined));
        assert.doesNotThrow(() => parseDevice({ host: 'x' }, { [name]: keys as unknown as RigPoint }));
      }
    }));
  });

  it('tandem import modbus-map: blocks on standard output, problems with file and line', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-map-'));
    const tandem = (...args: string[]) => spawnSync(process.execPath, ['dist/src/main.js', 'import', 'modbus-map', ...args], { encoding: 'utf8' });
    try {
      const [good, bad] = [join(folder, 'good.csv'), join(folder, 'bad.csv')];
      writeFileSync(good, Buffer.from('name;at;einheit\nT;hr:0;\xb0C\n', 'latin1'));
      writeFileSync(bad, 'name;at\nA;1\nB;2\n');
      const { status, stdout } = tandem(good, '--device', 'm');
      assert.deepEqual([status, parse(stdout)], [0, { points: { T: { device: 'm', at: 'hr:0', unit: '°C' } } }]);
      const refused = tandem(bad, '--device', 'm');
      assert.deepEqual([refused.status, refused.stdout], [2, '']);
      assert.match(refused.stderr, /bad\.csv:2: .*\n.*bad\.csv:3: /);
      assert.equal(tandem(join(folder, 'none.csv'), '--device', 'm').status, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
