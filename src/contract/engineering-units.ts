/**
 * BACnetEngineeringUnits (ANSI/ASHRAE 135, clause 21): number, name, and the symbols by which people know it, the one that is written first.
 * A symbol is here as {@link plainSymbol} makes it: `m3` for m³, `ug` for µg, `degC` for °C.
 */
const TABLE = `
0 square-meters m2, 1 square-feet ft2, 2 milliamperes mA, 3 amperes A, 4 ohms Ohm, 5 volts V, 6 kilovolts kV, 7 megavolts MV, 8 volt-amperes VA,
9 kilovolt-amperes kVA, 10 megavolt-amperes MVA, 11 volt-amperes-reactive var VAr VAR, 12 kilovolt-amperes-reactive kvar kVAr kVAR,
13 megavolt-amperes-reactive Mvar MVAr MVAR, 14 degrees-phase, 15 power-factor, 16 joules J, 17 kilojoules kJ, 18 watt-hours Wh, 19 kilowatt-hours kWh,
20 btus BTU, 21 therms therm, 22 ton-hours TRh, 23 joules-per-kilogram-dry-air, 24 btus-per-pound-dry-air, 25 cycles-per-hour, 26 cycles-per-minute,
27 hertz Hz, 28 grams-of-water-per-kilogram-dry-air, 29 percent-relative-humidity %RH %rH %rF %r.H. %r.F., 30 millimeters mm, 31 meters m,
32 inches in, 33 feet ft, 34 watts-per-square-foot W/ft2, 35 watts-per-square-meter W/m2, 36 lumens lm, 37 luxes lx lux Lux, 38 foot-candles fc,
39 kilograms kg, 40 pounds-mass lb, 41 tons t, 42 kilograms-per-second kg/s, 43 kilograms-per-minute kg/min, 44 kilograms-per-hour kg/h,
45 pounds-mass-per-minute lb/min, 46 pounds-mass-per-hour lb/h, 47 watts W, 48 kilowatts kW, 49 megawatts MW, 50 btus-per-hour BTU/h, 51 horsepower hp,
52 tons-refrigeration TR, 53 pascals Pa, 54 kilopascals kPa, 55 bars bar, 56 pounds-force-per-square-inch psi, 57 centimeters-of-water cmH2O,
58 inches-of-water inH2O, 59 millimeters-of-mercury mmHg, 60 centimeters-of-mercury cmHg, 61 inches-of-mercury inHg, 62 degrees-celsius degC C,
63 degrees-kelvin K, 64 degrees-fahrenheit degF, 65 degree-days-celsius degC.d Kd, 66 degree-days-fahrenheit degF.d, 67 years a, 68 months, 69 weeks,
70 days d, 71 hours h, 72 minutes min, 73 seconds s, 74 meters-per-second m/s, 75 kilometers-per-hour km/h, 76 feet-per-second ft/s,
77 feet-per-minute ft/min fpm, 78 miles-per-hour mph, 79 cubic-feet ft3, 80 cubic-meters m3, 81 imperial-gallons, 82 liters l L, 83 us-gallons gal,
84 cubic-feet-per-minute cfm ft3/min, 85 cubic-meters-per-second m3/s, 86 imperial-gallons-per-minute, 87 liters-per-second l/s L/s,
88 liters-per-minute l/min L/min, 89 us-gallons-per-minute gpm, 90 degrees-angular deg, 91 degrees-celsius-per-hour degC/h,
92 degrees-celsius-per-minute degC/min, 93 degrees-fahrenheit-per-hour degF/h, 94 degrees-fahrenheit-per-minute degF/min, 95 no-units,
96 parts-per-million ppm, 97 parts-per-billion ppb, 98 percent %, 99 percent-per-second %/s, 100 per-minute 1/min, 101 per-second 1/s,
102 psi-per-degree-fahrenheit, 103 radians rad, 104 revolutions-per-minute rpm, 105 currency1, 106 currency2, 107 currency3, 108 currency4,
109 currency5, 110 currency6, 111 currency7, 112 currency8, 113 currency9, 114 currency10, 115 square-inches in2, 116 square-centimeters cm2,
117 btus-per-pound BTU/lb, 118 centimeters cm, 119 pounds-mass-per-second lb/s, 120 delta-degrees-fahrenheit, 121 delta-degrees-kelvin dK,
122 kilohms kOhm, 123 megohms MOhm, 124 millivolts mV, 125 kilojoules-per-kilogram kJ/kg, 126 megajoules MJ, 127 joules-per-degree-kelvin J/K,
128 joules-per-kilogram-degree-kelvin J/kgK, 129 kilohertz kHz, 130 megahertz MHz, 131 per-hour 1/h, 132 milliwatts mW, 133 hectopascals hPa,
134 millibars mbar, 135 cubic-meters-per-hour m3/h, 136 liters-per-hour l/h L/h, 137 kilowatt-hours-per-square-meter kWh/m2,
138 kilowatt-hours-per-square-foot kWh/ft2, 139 megajoules-per-square-meter MJ/m2, 140 megajoules-per-square-foot MJ/ft2,
141 watts-per-square-meter-degree-kelvin W/m2K, 142 cubic-feet-per-second ft3/s, 143 percent-obscuration-per-foot %/ft,
144 percent-obscuration-per-meter %/m, 145 milliohms mOhm, 146 megawatt-hours MWh, 147 kilo-btus kBTU, 148 mega-btus,
149 kilojoules-per-kilogram-dry-air, 150 megajoules-per-kilogram-dry-air, 151 kilojoules-per-degree-kelvin kJ/K, 152 megajoules-per-degree-kelvin MJ/K,
153 newton N, 154 grams-per-second g/s, 155 grams-per-minute g/min, 156 tons-per-hour t/h, 157 kilo-btus-per-hour kBTU/h, 158 hundredths-seconds,
159 milliseconds ms, 160 newton-meters Nm, 161 millimeters-per-second mm/s, 162 millimeters-per-minute mm/min, 163 meters-per-minute m/min,
164 meters-per-hour m/h, 165 cubic-meters-per-minute m3/min, 166 meters-per-second-per-second m/s2, 167 amperes-per-meter A/m,
168 amperes-per-square-meter A/m2, 169 ampere-square-meters Am2, 170 farads, 171 henrys, 172 ohm-meters Ohm.m, 173 siemens S,
174 siemens-per-meter S/m, 175 teslas, 176 volts-per-degree-kelvin V/K, 177 volts-per-meter V/m, 178 webers Wb, 179 candelas cd,
180 candelas-per-square-meter cd/m2, 181 degrees-kelvin-per-hour K/h, 182 degrees-kelvin-per-minute K/min, 183 joule-seconds Js,
184 radians-per-second rad/s, 185 square-meters-per-newton m2/N, 186 kilograms-per-cubic-meter kg/m3, 187 newton-seconds Ns, 188 newtons-per-meter N/m,
189 watts-per-meter-per-degree-kelvin W/mK, 190 microsiemens uS, 191 cubic-feet-per-hour ft3/h, 192 us-gallons-per-hour gph, 193 kilometers km,
194 micrometers um, 195 grams g, 196 milligrams mg, 197 milliliters ml mL, 198 milliliters-per-second ml/s mL/s, 199 decibels dB,
200 decibels-millivolt dBmV, 201 decibels-volt dBV, 202 millisiemens mS, 203 watt-hours-reactive varh VArh,
204 kilowatt-hours-reactive kvarh kVArh kVARh, 205 megawatt-hours-reactive Mvarh MVArh, 206 millimeters-of-water mmH2O, 207 per-mille permille,
208 grams-per-gram g/g, 209 kilograms-per-kilogram kg/kg, 210 grams-per-kilogram g/kg, 211 milligrams-per-gram mg/g, 212 milligrams-per-kilogram mg/kg,
213 grams-per-milliliter g/ml, 214 grams-per-liter g/l g/L, 215 milligrams-per-liter mg/l mg/L, 216 micrograms-per-liter ug/l ug/L,
217 grams-per-cubic-meter g/m3, 218 milligrams-per-cubic-meter mg/m3, 219 micrograms-per-cubic-meter ug/m3, 220 nanograms-per-cubic-meter ng/m3,
221 grams-per-cubic-centimeter g/cm3, 222 becquerels Bq, 223 kilobecquerels kBq, 224 megabecquerels MBq, 225 gray Gy, 226 milligray mGy,
227 microgray uGy, 228 sieverts Sv, 229 millisieverts mSv, 230 microsieverts uSv, 231 microsieverts-per-hour uSv/h, 232 decibels-a dBA dB(A),
233 nephelometric-turbidity-unit NTU, 234 ph pH, 235 grams-per-square-meter g/m2, 236 minutes-per-degree-kelvin min/K, 237 ohm-meter-squared-per-meter,
238 ampere-seconds As, 239 volt-ampere-hours VAh, 240 kilovolt-ampere-hours kVAh, 241 megavolt-ampere-hours MVAh, 242 volt-ampere-hours-reactive,
243 kilovolt-ampere-hours-reactive, 244 megavolt-ampere-hours-reactive, 245 volt-square-hours, 246 ampere-square-hours, 247 joule-per-hours J/h,
248 cubic-feet-per-day ft3/d, 249 cubic-meters-per-day m3/d, 250 watt-hours-per-cubic-meter Wh/m3, 251 joules-per-cubic-meter J/m3,
252 mole-percent mol%, 253 pascal-seconds Pa.s, 254 million-standard-cubic-feet-per-minute, 47808 standard-cubic-feet-per-day,
47809 million-standard-cubic-feet-per-day, 47810 thousand-cubic-feet-per-day, 47811 thousand-standard-cubic-feet-per-day, 47812 pounds-mass-per-day,
47814 millirems, 47815 millirems-per-hour`;

export interface EngineeringUnit {
  readonly code: number;
  /** As the standard writes it: `degrees-celsius`. */
  readonly name: string;
  /** The usual one first; empty where none is usual. */
  readonly symbols: readonly string[];
}

export const engineeringUnits: readonly EngineeringUnit[] = TABLE.split(',').map((row) => {
  const [code = '', name = '', ...symbols] = row.trim().split(' ');
  return { code: Number(code), name, symbols };
});

