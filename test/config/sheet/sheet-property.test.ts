import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { drivers } from '../../../drivers/index.js';
import { readSheet, writeSheet } from '../../../src/config/index.js';
import { sheetSections, type SheetDialect, type SheetSection } from '../../../src/contract/index.js';

/** Texts as people write them, and as nobody should. */
const awkward = fc.constantFrom('=1+1', '+49 30 1', '-5', '@home', "'quoted'", "'=x", '"said"', 'a;b', 'a,b', 'a\tb', 'a|b', '\n', 'two\nlines', 'two\r\nlines', ' outer ', '1,5', '1.5', '1e3', 'true', 'WAHR', '[1]', '{"a":1}', '50%', 'ü€', '\uFF1Dx', '|', '"', "'", "''", '0', '-');
const text = fc.oneof(awkward, fc.string({ maxLength: 12 }));
const filled = text.filter((value) => value.length > 0);
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -1000, max: 1000 }), fc.constantFrom(0.1, 1.234, -0.5, 1e21, 1.5e-7));
const duration = fc.constantFrom('5s', '1.5h', '250ms', '2d');
const scalar = fc.oneof(filled, number, fc.boolean());

const keys = { requiredKeys: [] as [] };
const write = fc.oneof(fc.boolean(), fc.record({ priority: fc.integer({ min: 1, max: 16 }), min: number, max: number, onReturn: fc.constantFrom('leave', 'reassert', 'adopt'), relinquishDefault: scalar, only: fc.boolean(), pulse: fc.oneof(fc.boolean(), duration), verify: fc.oneof(fc.constantFrom('none', 'echo', 'readback'), fc.record({ point: filled, within: duration, tolerance: fc.nat() }, { requiredKeys: ['point'] })) }, keys));
const definitions = {
  points: fc.record({ device: text, unit: filled, area: filled, description: text, states: fc.array(filled, { minLength: 1, maxLength: 4 }), cov: fc.nat(), poll: fc.constantFrom('fast', 'slow'), at: fc.oneof(fc.constantFrom('hr:100', '40101', 'hr:7.3'), fc.nat()), type: fc.constantFrom('uint16', 'number'), scale: number, object: fc.constantFrom('AI:1'), covPriority: fc.integer({ min: 1, max: 16 }), expression: filled, write }, keys),
  alarms: fc.record({ point: text, high: number, low: number, state: fc.oneof(scalar, fc.array(scalar, { minLength: 1, maxLength: 3 })), changes: fc.constant(true), when: filled, onDelay: duration, priority: fc.integer({ min: 1, max: 4 }), latch: fc.boolean(), message: filled, instruction: filled }, keys),
  trends: fc.record({ points: fc.array(filled, { minLength: 1, maxLength: 3 }), mode: fc.constantFrom('change', 'interval'), deadband: fc.nat(), every: duration, keep: duration }, { requiredKeys: ['points'] }),
} as const satisfies Record<SheetSection, fc.Arbitrary<object>>;

const dialect: fc.Arbitrary<SheetDialect> = fc.record({ separator: fc.constantFrom(';', ',', '\t'), decimal: fc.constantFrom('.', ',') });
/** No document has a key `__proto__`: reading it refuses that (source-document.ts). */
const names = fc.uniqueArray(filled.filter((name) => name.trim() === name && name !== '__proto__' && !/[\r\n"']/.test(name)), { minLength: 1, maxLength: 6 });

/** Any section of any site, as a YAML document. */
const site = fc.constantFrom(...sheetSections).chain((section) => {
  const one = definitions[section] as fc.Arbitrary<Record<string, unknown>>;
  const some = names.chain((named) => fc.array(one, { minLength: named.length, maxLength: named.length }).map((values) => ({ named, values })));
  return some.map(({ named, values }) => ({ section, entries: new Map(section === 'trends' ? values.map((value, index) => [String(index), value]) : named.map((name, index) => [name, values[index] ?? {}])) }));
});

function documentOf(section: SheetSection, entries: ReadonlyMap<string, unknown>): string {
  return stringify({ site: { name: 'x', timezone: 'UTC' }, devices: { plc: { driver: 'modbus-tcp' }, ahu: { driver: 'bacnet' } }, [section]: section === 'trends' ? [...entries.values()] : Object.fromEntries(entries) });
}

describe('configuration as a spreadsheet: any site', () => {
  it('comes back as it went out, in each dialect', () => {
    fc.assert(
      fc.property(site, dialect, ({ section, entries }, written) => {
        const document = documentOf(section, entries);
        const sheet = writeSheet(document, section, written, drivers);
        const { changes, missing, problems, text: after, separator } = readSheet(document, { section, sheet, missing: 'keep' }, drivers);
        assert.deepEqual({ changes, missing, problems, separator }, { changes: [], missing: [], problems: [], separator: written.separator });
        assert.equal(after, document);
      }),
      { numRuns: 60 },
    );
  });

  it('that differs in some definitions differs in exactly those, and becomes what the sheet says', () => {
    fc.assert(
      fc.property(site, site, dialect, fc.infiniteStream(fc.nat(3)), (one, other, written, dice) => {
        const { section } = one;
        const donors = other.section === section ? [...other.entries.values()] : [];
        const expected = new Map<string, unknown>();
        const touched = new Map<string, string>();
        for (const [name, value] of one.entries) {
          const roll = Number(dice.next().value);
          const donor = donors.pop();
          if (roll === 0 && section !== 'trends') touched.set(name, 'removed');
          else if (roll === 1 && donor !== undefined && writeSheet(documentOf(section, new Map([['a', donor]])), section, written, drivers) !== writeSheet(documentOf(section, new Map([['a', value]])), section, written, drivers)) {
            expected.set(name, donor);
            touched.set(name, 'changed');
          } else expected.set(name, value);
        }
        const before = documentOf(section, one.entries);
        const sheet = writeSheet(documentOf(section, expected), section, written, drivers);
        const { changes, problems, text: after } = readSheet(before, { section, sheet, decimal: written.decimal, missing: 'delete' }, drivers);
        assert.deepEqual(problems, []);
        assert.deepEqual(new Map(changes.map(({ name, change }) => [name, change])), new Map([...touched].sort(([a], [b]) => changes.findIndex(({ name }) => name === a) - changes.findIndex(({ name }) => name === b))));
        assert.equal(writeSheet(after, section, written, drivers), sheet);
      }),
      { numRuns: 60 },
    );
  });
});
