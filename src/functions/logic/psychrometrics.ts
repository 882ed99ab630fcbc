export type Psychrometrics = ReturnType<typeof createPsychrometrics>;

/**
 * Moist air: temperatures in °C, relative humidity in %, pressure in Pa (101 325 where left out). Self-contained, because
 * its source text runs in the sandbox.
 *
 * Source: ASHRAE Handbook Fundamentals 2017, chapter 1: saturation pressure eq. 5 and 6 (Hyland and Wexler, −100…200 °C),
 * humidity ratio eq. 20, enthalpy eq. 30, wet bulb eq. 33 and 35. Dew point inverts eq. 5 and 6.
 */
export function createPsychrometrics() {
  const STANDARD_PA = 101_325;

  function saturationPressure(t: number): number {
    if (!Number.isFinite(t) || t < -100 || t > 200) throw new RangeError(`temperature must be between -100 and 200 °C (found ${String(t)})`);
    const k = t + 273.15;
    return t < 0
      ? Math.exp(-5.6745359e3 / k + 6.3925247 - 9.677843e-3 * k + 6.2215701e-7 * k ** 2 + 2.0747825e-9 * k ** 3 - 9.484024e-13 * k ** 4 + 4.1635019 * Math.log(k))
      : Math.exp(-5.8002206e3 / k + 1.3914993 - 4.8640239e-2 * k + 4.1764768e-5 * k ** 2 - 1.4452093e-8 * k ** 3 + 6.5459673 * Math.log(k));
  }
  function vapourPressure(t: number, rh: number): number {
    if (!Number.isFinite(rh) || rh < 0 || rh > 100) throw new RangeError(`relative humidity must be between 0 and 100 % (found ${String(rh)})`);
    return (saturationPressure(t) * rh) / 100;
  }
  function ratioOf(vapour: number, pressure: number): number {
    return (0.621945 * vapour) / (pressure - vapour);
  }
  /** The temperature in [low, high] at which a rising function is `target`. */
  function invert(rising: (t: number) => number, target: number, low: number, high: number): number {
    let a = low;
    let b = high;
    for (let turn = 0; turn < 60; turn++) {
      const middle = (a + b) / 2;
      if (rising(middle) < target) a = middle;
      else b = middle;
    }
    return (a + b) / 2;
  }
  /** kg of water for each kg of dry air. */
  function humidityRatio(t: number, rh: number, pressure = STANDARD_PA): number {
    return ratioOf(vapourPressure(t, rh), pressure);
  }

  return {
    saturationPressure,
    humidityRatio,
    /** kJ for each kg of dry air. */
    enthalpy(t: number, rh: number, pressure = STANDARD_PA): number {
      return 1.006 * t + humidityRatio(t, rh, pressure) * (2_501 + 1.86 * t);
    },
    /** °C */
    dewPoint(t: number, rh: number): number {
      return rh <= 0 ? -100 : invert(saturationPressure, vapourPressure(t, rh), -100, t);
    },
    /** °C, thermodynamic. */
    wetBulb(t: number, rh: number, pressure = STANDARD_PA): number {
      const wanted = humidityRatio(t, rh, pressure);
      const ratioAt = (wet: number): number => {
        const saturated = ratioOf(saturationPressure(wet), pressure);
        return wet >= 0
          ? ((2_501 - 2.326 * wet) * saturated - 1.006 * (t - wet)) / (2_501 + 1.86 * t - 4.186 * wet)
          : ((2_830 - 0.24 * wet) * saturated - 1.006 * (t - wet)) / (2_830 + 1.86 * t - 2.1 * wet);
      };
      return invert(ratioAt, wanted, Math.max(-100, t - 60), t);
    },
    /** g of water in each m³ of air. */
    absoluteHumidity(t: number, rh: number): number {
      return (vapourPressure(t, rh) / (461.5 * (t + 273.15))) * 1_000;
    },
  };
}
