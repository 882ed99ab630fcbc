import { isInArea, TandemError, type AlarmAction, type AlarmDefinition, type AlarmMute, type MuteScope } from '../../contract/index.js';
import type { FrameDraft, Json, KeyedState } from '../../image/index.js';

export const MUTE_PREFIX = 'alarm-mute/';

/** Longer than any commissioning; what is to be quiet for good is taken out of service or out of the configuration. */
const LONGEST_MS = 30 * 86_400_000;

export function muteKey(scope: MuteScope): string {
  return MUTE_PREFIX + ('area' in scope ? `area/${scope.area}` : `device/${scope.device}`);
}

/** Commissioning mutes: an area or a device that is quiet until a time. */
export class Mutes {
  private readonly mutes = new Map<string, AlarmMute>();

  constructor(keyed: KeyedState) {
    for (const [key, value] of keyed.entries(MUTE_PREFIX)) this.mutes.set(key, value as unknown as AlarmMute);
  }

  get isEmpty(): boolean {
    return this.mutes.size === 0;
  }

  /** Latest end of the mutes that hold for an alarm; undefined for none. */
  untilMs({ area, device }: Pick<AlarmDefinition, 'area' | 'device'>): number | undefined {
    let latest: number | undefined;
    for (const { scope, untilMs } of this.mutes.values()) {
      const holds = 'area' in scope ? isInArea(area, scope.area) : scope.device === device;
      if (holds && untilMs > (latest ?? 0)) latest = untilMs;
    }
    return latest;
  }

  /** Ends those whose time has come; the alarms end theirs by themselves. */
  expire(draft: FrameDraft): void {
    for (const [key, mute] of this.mutes) {
      if (mute.untilMs > draft.pairTimeMs) continue;
      this.mutes.delete(key);
      draft.put(key, null);
      draft.log('alarm', { event: 'unmuted', ...(mute as unknown as Readonly<Record<string, Json>>) });
    }
  }

  /** @throws ALARM_REFUSED */
  change(action: Extract<AlarmAction, { kind: 'mute' | 'unmute' }>, by: string, draft: FrameDraft): void {
    const key = muteKey(action.scope);
    if (action.kind === 'unmute') {
      const mute = this.mutes.get(key);
      if (mute === undefined) return;
      this.mutes.delete(key);
      draft.put(key, null);
      draft.log('alarm', { event: 'unmuted', ...(mute as unknown as Readonly<Record<string, Json>>), by });
      return;
    }
    if (action.forMs <= 0 || action.forMs > LONGEST_MS) throw new TandemError('ALARM_REFUSED', 'a mute lasts longer than nothing, and 30 days at the most');
    const mute: AlarmMute = { scope: action.scope, untilMs: draft.pairTimeMs + action.forMs, sinceMs: draft.pairTimeMs, by, ...(action.note === undefined ? {} : { note: action.note }) };
    this.mutes.set(key, mute);
    draft.put(key, mute as unknown as Json);
    draft.log('alarm', { event: 'muted', ...(mute as unknown as Readonly<Record<string, Json>>) });
  }
}
