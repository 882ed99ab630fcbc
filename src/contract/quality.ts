/**
 * Quality of a value in one byte: the level in the two high bits, the reason in the six low ones.
 * Levels follow OPC's good / uncertain / bad, with `stale` between: a value that was good and has
 * not been confirmed within its time.
 */
export const QualityLevel = { good: 0, uncertain: 1, stale: 2, bad: 3 } as const;
export type QualityLevelName = keyof typeof QualityLevel;

export const QualityReason = {
  none: 0,
  /** Never read since this image began. */
  waiting: 1,
  /** The device or the path to it does not answer. */
  communication: 2,
  /** The device answered with an error. */
  device: 3,
  /** The device says that the address does not exist. */
  address: 4,
  /** The answer cannot be decoded as the configured type. */
  format: 5,
  /** The device reports the object out of service. */
  outOfService: 6,
  /** The device reports a fault or an unreliable sensor. */
  fault: 7,
  /** The device reports the value as overridden by hand. */
  overridden: 8,
  /** An operator of this gateway has overridden the value. */
  operatorOverride: 9,
  /** Not seen by this gateway: filled in later from the device's own log. */
  deviceLog: 10,
  /** Nobody recorded anything from here on, and no log could fill it. */
  notRecorded: 11,
  /** Cannot be read from its device: what was written last, as far as this gateway knows. */
  writeOnly: 12,
  /** What a device says is wrong with a sensor (BACnet's Reliability); the others are `fault`. */
  noSensor: 13,
  overRange: 14,
  underRange: 15,
  openLoop: 16,
  shortedLoop: 17,
  noOutput: 18,
  /** The object is configured wrongly in its device. */
  configuration: 19,
  /** The device itself does not reach what the value comes from. */
  sourceLost: 20,
  /** The expression of a virtual point has no value now: an input may not be used, or it divides by zero. */
  expression: 21,
} as const;
export type QualityReasonName = keyof typeof QualityReason;

/** One byte, see {@link qualityOf}. */
export type Quality = number;

const levels = Object.keys(QualityLevel) as QualityLevelName[];
const reasons = Object.keys(QualityReason) as QualityReasonName[];

export function qualityOf(level: QualityLevelName, reason: QualityReasonName = 'none'): Quality {
  return (QualityLevel[level] << 6) | QualityReason[reason];
}

export const GOOD: Quality = qualityOf('good');
export const WAITING: Quality = qualityOf('bad', 'waiting');
export const WRITE_ONLY: Quality = qualityOf('uncertain', 'writeOnly');
export const COMMUNICATION_LOST: Quality = qualityOf('bad', 'communication');

export function qualityLevel(quality: Quality): QualityLevelName {
  return levels[(quality >> 6) & 3] ?? 'bad';
}

export function qualityReason(quality: Quality): QualityReasonName {
  return reasons[quality & 63] ?? 'format';
}

export function isGood(quality: Quality): boolean {
  return quality >> 6 === QualityLevel.good;
}

/** As people read it: `good`, `bad (communication)`. */
export function formatQuality(quality: Quality): string {
  const reason = qualityReason(quality);
  return reason === 'none' ? qualityLevel(quality) : `${qualityLevel(quality)} (${reason})`;
}
