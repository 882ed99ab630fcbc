import assert from 'node:assert/strict';
import { loadSite } from '../../src/config/index.js';
import { modules, siteOf, siteWith } from './fake-driver.js';

const rest = `devices: {d: {driver: fake, host: h}}
points:
  T: {device: d, at: "num:1"}
  Fan: {device: d, at: "bit:1", states: [stop, run], write: true}
  Sp: {device: d, at: "num:2", write: {min: 10, max: 30, priority: 12, repeatable: true}}
  Key: {device: d, at: "bit:2", write: {pulse: true}}
`;
const problemsOf = (logic: string): string[] => loadSite({ path: 'site.yaml', text: siteWith(`${rest}logic:\n${logic}`) }, modules).problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);

describe('config: control programs', () => {
  it('reads one with all that it leaves out', () => {
    const { logic } = siteOf(siteWith(`${rest}logic:
  reset:
    every: 10s
    in: {t: T}
    out: {sp: Sp, fan: {point: Fan, priority: 9, onFault: stop}}
    program: |
      return {sp: clamp(t, 10, 30)}
`));
    assert.deepEqual(logic, [{
      name: 'reset',
      everyMs: 10_000,
      onChange: false,
      inputs: [{ name: 't', point: 0 }],
      outputs: [
        { name: 'sp', point: 2, priority: 12, canRelinquish: true, deadband: 0, onFault: { kind: 'relinquish' } },
        { name: 'fan', point: 1, priority: 9, canRelinquish: true, deadband: 0, onFault: { kind: 'value', value: 0 } },
      ],
      program: 'return {sp: clamp(t, 10, 30)}\n',
      badInputs: 'hold',
      limits: { memoryBytes: 2_000_000, kiloSteps: 500 },
      timezone: 'Europe/Berlin',
    }]);
  });

  it('runs by change where it has no period', () => {
    assert.equal(siteOf(siteWith(`${rest}logic: {a: {in: {t: T}, out: {sp: Sp}, program: "return {sp: t}"}}`)).logic[0]?.onChange, true);
  });

  it('is part of the revision, and a site without any has the one that it had before', () => {
    const one = (logic: string): string => siteOf(siteWith(rest + logic)).revision;
    const texts = ['', 'logic: {a: {in: {t: T}, out: {sp: Sp}, program: "return {sp: t}"}}', 'logic: {a: {in: {t: T}, out: {sp: Sp}, program: "return {sp: t + 1}"}}'];
    assert.equal(new Set(texts.map(one)).size, 3);
    assert.equal(one('logic: {}'), one(''));
  });

  for (const [what, logic, wanted] of [
    ['a point that is not there', '  a: {in: {t: Tt}, out: {sp: Sp}, program: "return {}"}', /error logic\.a\.in\.t: there is no point `Tt`; did you mean `T`\?/],
    ['an output that cannot be written', '  a: {in: {t: T}, out: {x: T}, program: "return {}"}', /error logic\.a\.out\.x: T cannot be written/],
    ['a text that does not parse, with its line', '  a: {in: {t: T}, out: {sp: Sp}, program: "let a = 1\\nreturn {sp: }"}', /error logic\.a\.program: does not parse: .* \(line 2 of the program\)/],
    ['a text that leaves its function', '  a: {in: {t: T}, out: {sp: Sp}, program: "return {} }); (function () {"}', /error logic\.a\.program: does not parse/],
    ['an input with the name of a helper', '  a: {in: {min: T}, out: {sp: Sp}, program: "return {}"}', /error logic\.a\.in\.min: `min` is what programs call something else/],
    ['an input that no program could name', '  a: {in: {"my-t": T, class: T}, out: {sp: Sp}, program: "return {}"}', /error logic\.a\.in\.my-t: .* is no name that a program could use/],
    ['a period that is too short', '  a: {every: 10ms, out: {sp: Sp}, program: "return {}"}', /error logic\.a\.every: must be at least 100ms/],
    ['one that would never run', '  a: {out: {sp: Sp}, program: "return {}"}', /error logic\.a\.in: would never run/],
    ['relinquish of a pulse', '  a: {in: {t: T}, out: {key: {point: Key, onFault: relinquish}}, program: "return {}"}', /error logic\.a\.out\.key\.onFault: Key is a pulse, which holds nothing/],
    ['a safe value out of range', '  a: {in: {t: T}, out: {sp: {point: Sp, onFault: 99}}, program: "return {}"}', /error logic\.a\.out\.sp\.onFault: Sp takes 10 to 30, not 99/],
    ['limits that are none', '  a: {in: {t: T}, out: {sp: Sp}, limits: {memory: 1kB}, program: "return {}"}', /error logic\.a\.limits\.memory: must be from 500kB to 64MB/],
    ['two programs for one point', '  a: {in: {t: T}, out: {sp: Sp}, program: "return {}"}\n  b: {in: {t: T}, out: {sp: Sp}, program: "return {}"}', /warning logic\.b\.out\.sp: logic a writes Sp too/],
    ['an unknown key', '  a: {in: {t: T}, out: {sp: Sp}, programm: "return {}"}', /error logic\.a\.programm: there is no key `programm` here.*`program`/],
  ] as const) {
    it(`names ${what}`, () => {
      const found = problemsOf(logic);
      assert.ok(found.some((text) => wanted.test(text)), found.join('\n'));
    });
  }
});
