import assert from 'node:assert/strict';
import { EngineeringUnits } from '@bacnet-js/client/dist/lib/enum.js';
import { engineeringUnits } from '../../src/contract/engineering-units.js';
import { isKnownUnit, plainSymbol, unitCode, unitSymbol, unitText } from '../../src/contract/index.js';

describe('engineering units', () => {
  it('have the numbers and names of the standard, as an independent library has them', () => {
    const theirs = Object.entries(EngineeringUnits).filter((entry): entry is [string, number] => typeof entry[1] === 'number').map(([name, code]) => [code, name.toLowerCase().replaceAll('_', '-')]).sort(([a], [b]) => Number(a) - Number(b));
    assert.deepEqual(engineeringUnits.map(({ code, name }) => [code, name]), theirs);
    assert.equal(new Set(engineeringUnits.map(({ code }) => code)).size, engineeringUnits.length);
  });

  it('are meant by their name in any writing and by their usual symbols', () => {
    for (const text of ['degreesCelsius', 'degrees-celsius', 'DEGREES_CELSIUS', 'Degrees Celsius', '°C', 'degC', '℃']) assert.equal(unitCode(text), 62, text);
    for (const [text, code] of [['m³/h', 135], ['µg/m³', 219], ['μg/m3', 219], ['kΩ', 122], ['% RH', 29], ['%', 98], ['K', 63], ['mW', 132], ['MW', 49], ['W/m²', 35]] as const) assert.equal(unitCode(text), code, text);
    assert.deepEqual([unitCode('furlong'), unitCode(''), unitCode(undefined), unitCode('KW')], [undefined, undefined, undefined, undefined]);
    assert.deepEqual([isKnownUnit('GWh'), isKnownUnit('MB'), isKnownUnit('€'), isKnownUnit('furlong'), isKnownUnit('no-units')], [true, true, true, false, true]);
  });

  it('are shown as people read them, whatever a document says', () => {
    for (const [text, shown] of [
      ['degC', '°C'], ['degreesCelsius', '°C'], ['degK', 'K'], ['percent', '%'], ['cubic-meters-per-hour', 'm³/h'], ['m3/h', 'm³/h'], ['W/m2K', 'W/m²K'], ['ug/m3', 'µg/m³'], ['kOhm', 'kΩ'],
      ['L/s', 'L/s'], ['m³', 'm³'], ['furlong', 'furlong'], ['no-units', 'no-units'], ['CO2 ppm', 'CO2 ppm'], ['', ''],
    ] as const) assert.equal(unitSymbol(text), shown, text);
  });

  it('come back from what is written of them, each as itself, and no symbol means two', () => {
    for (const { code, symbols } of engineeringUnits) {
      if (code !== 95) assert.equal(unitCode(unitText(code)), code, unitText(code));
      for (const symbol of symbols) assert.deepEqual([plainSymbol(symbol), unitCode(symbol)], [symbol, code]);
    }
    assert.deepEqual([unitText(62), unitText(63), unitText(135), unitText(14), unitText(95), unitText(99_999)], ['degC', 'K', 'm3/h', 'degrees-phase', undefined, undefined]);
  });
});
