import type { WireAlarm } from '../../contract/client-protocol.js';
import { isNoisy, priorityClass, type PriorityClass } from './alarms.js';

export interface Tone {
  /** After the beginning of the pattern. */
  readonly atMs: number;
  readonly lastsMs: number;
  readonly hertz: number;
}

/** `blind`: no active node is in sight, so nobody would hear of an alarm. */
export type Noise = PriorityClass | 'blind';

/** What sounds again and again as long as an alarm waits, or as nothing is seen. */
export interface SoundPattern {
  readonly tones: readonly Tone[];
  /** From one beginning to the next. */
  readonly everyMs: number;
}

const burst = (hertz: readonly number[], lastsMs: number, stepMs: number, fromMs = 0): Tone[] => hertz.map((each, index) => ({ atMs: fromMs + index * stepMs, lastsMs, hertz: each }));

/**
 * The more urgent, the more tones, the higher, the shorter and the sooner again, as IEC 60601-1-8 and EN 54 panels have made people used to:
 * five (three and two), three, two, one. The number alone tells them apart, for ears and loudspeakers that make little of pitch; the only
 * long tone is that of a console that sees nothing.
 */
export const soundPatterns: Readonly<Record<Noise, SoundPattern>> = {
  critical: { tones: [...burst([988, 988, 988], 110, 170), ...burst([988, 1_319], 110, 170, 680)], everyMs: 2_500 },
  high: { tones: burst([880, 784, 659], 160, 230), everyMs: 4_000 },
  medium: { tones: burst([659, 523], 180, 260), everyMs: 8_000 },
  low: { tones: burst([440], 250, 0), everyMs: 16_000 },
  blind: { tones: burst([330], 1_500, 0), everyMs: 10_000 },
};

/** Of the most urgent alarm that waits, is active and is not silenced; undefined: nothing sounds. */
export function soundOf(alarms: readonly WireAlarm[]): PriorityClass | undefined {
  const noisy = alarms.filter(isNoisy);
  return noisy.length === 0 ? undefined : priorityClass(noisy.reduce((least, { priority }) => Math.min(least, priority), Infinity));
}
