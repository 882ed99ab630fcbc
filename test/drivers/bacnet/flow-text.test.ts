import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { flowText } from '../../../drivers/bacnet/flow-text.js';

const word = fc.oneof(
  fc.constantFrom('', 'null', 'TRUE', 'False', 'yes', 'on', 'NaN', '.nan', '1e3', '0x1F', '12', '-', '~', '?', '°C', '%', 'm³/h', 'analog-input:1', 'AI:1', 'a:', 'a: b', 'a #b', 'a#b', 'x, y', '[x]', '{x}', "it's", '"', '&a', '*a', '!a', '@a', '<<', '=', 'A1.SaT', 'Zone temp.', '---', 'a  b', ' a', 'a '),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...Array.from('aA1 .:/-_#,[]{}°+\'"\\|>')), maxLength: 10 }),
);

describe('YAML on one line', () => {
  it('is what the library writes, whatever the texts are', () => {
    fc.assert(
      fc.property(fc.dictionary(word.filter((key) => key !== '__proto__'), fc.oneof(word, fc.integer(), fc.array(word, { maxLength: 3 }), fc.constantFrom(1.5, true, null)), { minKeys: 1, maxKeys: 4 }), (block) => {
        const text = flowText(block);
        assert.deepEqual(parse(text), { ...block });
        const plain = { device: 'Dev 1', object: 'AI:1', ...Object.fromEntries(Object.entries(block).map(([, value], at) => [`k${at}`, value])) };
        assert.equal(flowText(plain), stringify(plain, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim());
      }),
      { numRuns: 400 },
    );
  });
});
