import { iconDisconnected, iconErrorFilled, iconHourglass, iconPause, iconQuestion, iconSuccess, iconUserManual } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { qualityLevel, qualityReason, type QualityLevelName } from '../../contract/quality.js';
import { texts } from '../texts.js';
import { Mark, type Tone } from './mark.js';

const icons: Record<QualityLevelName, string> = { good: iconSuccess, uncertain: iconQuestion, stale: iconHourglass, bad: iconErrorFilled };
const tones: Record<QualityLevelName, Tone> = { good: 'quiet', uncertain: 'warning', stale: 'warning', bad: 'alarm' };

/** A quality byte as shape, text and, unless it is good, colour. */
export function QualityMark({ quality }: { readonly quality: number }): ReactNode {
  const level = qualityLevel(quality);
  const reason = qualityReason(quality);
  const detail = texts.quality.reason[reason];
  return <Mark icon={iconOf(level, reason)} tone={tones[level]} text={detail === '' ? texts.quality.level[level] : `${texts.quality.level[level]}: ${detail}`} />;
}

/** Shape and tone of a quality, where there is no room for its text. */
export function faceOfQuality(quality: number): { readonly icon: string; readonly tone: Tone; readonly text: string } {
  const [level, reason] = [qualityLevel(quality), qualityReason(quality)];
  return { icon: iconOf(level, reason), tone: tones[level], text: texts.quality.reason[reason] === '' ? texts.quality.level[level] : texts.quality.reason[reason] };
}

function iconOf(level: QualityLevelName, reason: ReturnType<typeof qualityReason>): string {
  if (reason === 'communication') return iconDisconnected;
  if (reason === 'outOfService') return iconPause;
  if (reason === 'overridden' || reason === 'operatorOverride') return iconUserManual;
  return icons[level];
}
