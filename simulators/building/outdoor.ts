import { clamp } from './math.js';
import { noise } from './noise.js';

export interface Outdoor {
  readonly temperatureC: number;
  readonly humidityPct: number;
  readonly sunPct: number;
  readonly lux: number;
  readonly windMs: number;
  readonly rain: boolean;
  /** Fraction of the people that belong here, 0 … 1. */
  readonly occupancy: number;
}

const dayMs = 86_400_000;
const meanC = 14;
const swingC = 6;

/** What acts on the building from outside: a spring day, coldest before sunrise and warmest at 15:00. */
export function outdoorAt(localMs: number, seed: number): Outdoor {
  const hour = hourOf(localMs);
  const weather = noise(seed, 'weather', localMs, 20 * 60_000);
  const sunPct = 100 * Math.max(0, Math.sin((Math.PI * (hour - 6)) / 12)) * (0.85 + 0.15 * weather);
  const temperatureC = meanC + swingC * Math.cos((2 * Math.PI * (hour - 15)) / 24) + 0.8 * weather;
  return {
    temperatureC,
    humidityPct: clamp(88 - 3.2 * (temperatureC - meanC + swingC) + 3 * weather, 25, 98),
    sunPct,
    lux: 2 + 900 * sunPct,
    windMs: Math.max(0, 3.5 + 1.5 * weather + 1.2 * noise(seed, 'gust', localMs, 4_000)),
    rain: noise(seed, 'rain', localMs, 30 * 60_000) > 0.6,
    occupancy: occupancyAt(localMs),
  };
}

/** Working days: arriving from 6:30, a dip at noon, gone at 19:00; at other times a few people remain. */
function occupancyAt(localMs: number): number {
  const hour = hourOf(localMs);
  // Day 0 (1970-01-01) was a Thursday; 0 is Sunday as in Date.
  const weekday = (Math.floor(localMs / dayMs) + 4) % 7;
  if (weekday === 0 || weekday === 6) return 0.05;
  const arriving = clamp((hour - 6.5) / 2, 0, 1);
  const leaving = clamp((19 - hour) / 2.5, 0, 1);
  const noon = hour > 12 && hour < 13 ? 0.7 : 1;
  return Math.max(0.05, Math.min(arriving, leaving) * noon);
}

function hourOf(localMs: number): number {
  return (((localMs % dayMs) + dayMs) % dayMs) / 3_600_000;
}
