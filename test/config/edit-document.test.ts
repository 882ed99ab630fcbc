import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseDocument } from 'yaml';
import { isTandemError } from '../../src/contract/index.js';
import { definitionIn, editDefinition } from '../../src/config/index.js';

const TEXT = `# St Mary's
site: {name: st-mary, timezone: Europe/Berlin}

alarms:
  # the frost stat
  AHU1.low: {point: AHU1.SaT, low: 5, onDelay: 10s}   # never widen this
  AHU1.high:
    point: AHU1.SaT   # supply air
    high: 26
    # agreed with the hospital
    onDelay: 2min

  # the last one
  Zone.high: {point: Zone.T, high: 30}

schedules:
  occupancy:
    default: relinquish
    weekly: {Mon-Fri: {"06:00": run, "20:00": stop}}
trends:
  - {points: ["*.ZnT"], mode: change}
  - {points: [AHU1.SaT], mode: interval, every: 15min}   # wanted by FM
`;

/** Lines that differ, as `-old` and `+new`. */
function changed(after: string): string[] {
  const [a, b] = [TEXT.split('\n'), after.split('\n')];
  return [...a.filter((line) => !b.includes(line)).map((line) => `-${line}`), ...b.filter((line) => !a.includes(line)).map((line) => `+${line}`)];
}

describe('configuration: one definition of a text is edited', () => {
  it('in its line, the comments beside and above stay', () => {
    assert.deepEqual(changed(editDefinition(TEXT, 'alarms', 'AHU1.low', { point: 'AHU1.SaT', low: 6, onDelay: '10s' })), [
      '-  AHU1.low: {point: AHU1.SaT, low: 5, onDelay: 10s}   # never widen this',
      '+  AHU1.low: {point: AHU1.SaT, low: 6, onDelay: 10s}   # never widen this',
    ]);
  });

  it('in its block, key by key, comments within stay', () => {
    const after = editDefinition(TEXT, 'alarms', 'AHU1.high', { point: 'AHU1.SaT', high: 27, onDelay: '2min', priority: 1 });
    assert.deepEqual(changed(after), ['-    point: AHU1.SaT   # supply air', '-    high: 26', '+    point: AHU1.SaT # supply air', '+    high: 27', '+    priority: 1']);
    assert.match(after, /# agreed with the hospital\n {4}onDelay: 2min/);
  });

  it('is added at the end of its section, or with a new section', () => {
    assert.deepEqual(changed(editDefinition(TEXT, 'alarms', 'New.low', { point: 'P', low: 1 })), ['+  New.low: {point: P, low: 1}']);
    assert.deepEqual(definitionIn(editDefinition(TEXT, 'points', 'P', { device: 'd' }), 'points', 'P'), { device: 'd' });
  });

  it('is removed', () => {
    assert.deepEqual(changed(editDefinition(TEXT, 'alarms', 'Zone.high', undefined)), ['-  Zone.high: {point: Zone.T, high: 30}']);
    assert.throws(() => editDefinition(TEXT, 'alarms', 'none', undefined), (error) => isTandemError(error, 'CONFIG_UNKNOWN'));
  });

  it('by its place, where the section is a list', () => {
    assert.deepEqual(definitionIn(editDefinition(TEXT, 'trends', '1', { points: ['X'], mode: 'change' }), 'trends', '1'), { points: ['X'], mode: 'change' });
    assert.deepEqual((definitionIn(editDefinition(TEXT, 'trends', '2', { points: ['Y'] }), 'trends') as unknown[]).length, 3);
    assert.throws(() => editDefinition(TEXT, 'trends', '9', {}), (error) => isTandemError(error, 'CONFIG_UNKNOWN'));
  });

  it('means what was asked for, whatever the texts are, and nothing else changes (from seeds)', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    const scalar = fc.oneof(text, fc.integer(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('yes', 'null', '06:00', '1e3', '# no', 'a: b', '- x', ''));
    const value = fc.dictionary(text.filter((key) => key !== '__proto__'), fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(text.filter((key) => key !== '__proto__'), scalar, { maxKeys: 3 })), { maxKeys: 5 });
    const plain = (of: string): Record<string, Record<string, unknown>> => parseDocument(of, { schema: 'core' }).toJS() as Record<string, Record<string, unknown>>;
    fc.assert(
      fc.property(fc.constantFrom('AHU1.low', 'AHU1.high', 'Zone.high', 'Another', '12', 'with: colon'), value, (name, wanted) => {
        const after = plain(editDefinition(TEXT, 'alarms', name, wanted));
        const expected = plain(TEXT);
        (expected.alarms as Record<string, unknown>)[name] = JSON.parse(JSON.stringify(wanted)) as unknown;
        assert.deepEqual(JSON.parse(JSON.stringify(after)), JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 100, seed: 7 },
    );
  });
});
