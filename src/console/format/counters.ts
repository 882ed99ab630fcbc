import { counterTexts } from '../counter-texts.js';
import { formatDuration } from './times.js';

/** Those that count something going wrong, worst first. */
const troubles = ['hostDriverFaults', 'hostFailedWrites', 'hostFailedPolls', 'connectFailures', 'connectionsLost', 'timeouts', 'exceptions', 'retries', 'malformed', 'mismatches', 'noise', 'brokenStreams', 'expired', 'late', 'hostMissedPeriods'];

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `hostLastPollMs` is known; `framesSkipped` becomes "Frames skipped". */
export function counterLabel(name: string): string {
  const known = counterTexts[name];
  if (known !== undefined) return known;
  const words = name.replace(/Ms$/, '').replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Numbers in groups of three, times with their unit. */
export function counterValue(name: string, value: number): string {
  return name.endsWith('Ms') ? formatDuration(value) : grouped.format(value).replaceAll(',', ' ');
}

/** What has gone wrong at least once, worst first. */
export function troublesOf(counters: Readonly<Record<string, number>>): readonly string[] {
  return troubles.filter((name) => (counters[name] ?? 0) > 0).map((name) => `${counterLabel(name)} ${counterValue(name, counters[name] ?? 0)}`);
}
