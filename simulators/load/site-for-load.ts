import { pointsPerUnit, unitsFor, writableCount, writableStart } from './load-plc.js';

export interface LoadSiteOptions {
  /** Period of the class `fast`, in which all points are. */
  readonly pollMs?: number;
  /** Requests that a device may have open at a time. */
  readonly maxInFlight?: number;
  /** Lines below `redundancy:`, such as `failoverTime: 1s`. */
  readonly redundancy?: readonly string[];
}

/** Site document for a {@link LoadPlc}: points `P00000` … and the writable `W000` … `W099`, one device per unit. */
export function siteForLoad(points: number, host: string, port: number, options: LoadSiteOptions = {}): string {
  const { pollMs = 100, maxInFlight = 8, redundancy = [] } = options;
  const lines = ['site: {name: load, timezone: UTC}'];
  if (redundancy.length > 0) lines.push('redundancy:', ...redundancy.map((line) => `  ${line}`));
  lines.push(`polling: {fast: ${pollMs}ms, normal: 1s, slow: 10s}`, 'devices:');
  for (let unit = 1; unit <= unitsFor(points); unit++) {
    lines.push(`  ${deviceOf(unit)}: {driver: modbus-tcp, host: ${host}, port: ${port}, unit: ${unit}, timeout: 500ms, maxInFlight: ${maxInFlight}}`);
  }
  const hundreds = Math.floor(points / 100);
  if (hundreds > 0) lines.push(...hundredTemplate(), 'use:', ...Array.from({ length: hundreds }, (_, hundred) => useOf(hundred)));
  lines.push('points:');
  for (let index = hundreds * 100; index < points; index++) {
    const unit = Math.floor(index / pointsPerUnit) + 1;
    lines.push(`  ${loadPoint(index)}: {device: ${deviceOf(unit)}, at: "hr:${index % pointsPerUnit}", type: uint16, poll: fast}`);
  }
  for (let index = 0; index < writableCount; index++) {
    lines.push(`  ${writablePoint(index)}: {device: ${deviceOf(1)}, at: "hr:${writableStart + index}", type: uint16, write: {min: 0, max: 65535}}`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * A hundred points at a time: the YAML parser compares each key of a map with all keys before it, so that
 * 50,000 points in one map would take a minute to read.
 */
function hundredTemplate(): string[] {
  const two = Array.from({ length: 100 }, (_, index) => String(index).padStart(2, '0'));
  return ['templates:', '  hundred:', ...two.map((digits) => `    "P{p}${digits}": {device: "{d}", at: "hr:{h}${digits}", type: uint16, poll: fast}`)];
}

function useOf(hundred: number): string {
  const digits = (value: number, count: number): string => `"${String(value).padStart(count, '0')}"`;
  const perUnit = pointsPerUnit / 100;
  return `  - {template: hundred, p: ${digits(hundred, 3)}, d: ${deviceOf(Math.floor(hundred / perUnit) + 1)}, h: ${digits(hundred % perUnit, 2)}}`;
}

export function loadPoint(index: number): string {
  return `P${String(index).padStart(5, '0')}`;
}

export function writablePoint(index: number): string {
  return `W${String(index).padStart(3, '0')}`;
}

function deviceOf(unit: number): string {
  return `load-${unit}`;
}
