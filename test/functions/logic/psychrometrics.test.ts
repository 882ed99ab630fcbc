import assert from 'node:assert/strict';
import { createPsychrometrics } from '../../../src/functions/logic/psychrometrics.js';

const air = createPsychrometrics();
const near = (found: number, wanted: number, within: number): void => assert.ok(Math.abs(found - wanted) <= within, `${found} is not ${wanted} ± ${within}`);

/** ASHRAE Handbook Fundamentals 2017, chapter 1: table 3 (water at saturation) and table 2 (moist air at 101.325 kPa). */
describe('psychrometrics', () => {
  for (const [t, pa] of [[-20, 103.24], [0, 611.2], [20, 2_338.8], [40, 7_383.5], [100, 101_418]] as const) {
    it(`saturation pressure at ${t} °C`, () => near(air.saturationPressure(t), pa, pa * 1e-3));
  }

  for (const [t, ratio, enthalpy] of [[0, 0.0037895, 9.475], [20, 0.014761, 57.544], [30, 0.027333, 100.006]] as const) {
    it(`saturated air at ${t} °C`, () => {
      near(air.humidityRatio(t, 100), ratio, ratio * 0.01);
      near(air.enthalpy(t, 100), enthalpy, enthalpy * 0.01);
    });
  }

  it('wet bulb and dew point meet the dry bulb in saturated air, and lie below it elsewhere', () => {
    for (const t of [-10, 0, 15, 35]) {
      near(air.wetBulb(t, 100), t, 0.01);
      near(air.dewPoint(t, 100), t, 0.01);
      assert.ok(air.dewPoint(t, 40) < air.wetBulb(t, 40) && air.wetBulb(t, 40) < t);
    }
  });

  it('the chart at 25 °C and 50 %: 50.3 kJ/kg, 17.9 °C wet bulb, 13.9 °C dew point, 11.5 g/m³', () => {
    near(air.enthalpy(25, 50), 50.3, 0.1);
    near(air.wetBulb(25, 50), 17.9, 0.1);
    near(air.dewPoint(25, 50), 13.86, 0.05);
    near(air.absoluteHumidity(25, 50), 11.5, 0.05);
  });

  it('refuses what no air has', () => {
    assert.throws(() => air.enthalpy(25, 101), /between 0 and 100 %/);
    assert.throws(() => air.dewPoint(NaN, 50), /between -100 and 200/);
  });
});
