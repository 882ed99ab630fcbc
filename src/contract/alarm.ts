import type { Expression } from './expression.js';

/** Which limit, or which direction of a change; empty where an alarm has only one condition. */
export type AlarmLevel = '' | 'high-high' | 'high' | 'low' | 'low-low' | 'rising' | 'falling';

/** What an alarm watches. */
export type AlarmWatch =
  | { readonly kind: 'limits'; readonly point: number; readonly highHigh?: number; readonly high?: number; readonly low?: number; readonly lowLow?: number; readonly deadband: number }
  /** One of these values: 1 and 0 of a boolean point, indexes of states. */
  | { readonly kind: 'state'; readonly point: number; readonly states: readonly number[] }
  /** Any change of the value, each an occurrence of its own. */
  | { readonly kind: 'change'; readonly point: number }
  /** The feedback does not show what is commanded. */
  | { readonly kind: 'feedback'; readonly point: number; readonly feedback: number; readonly tolerance: number }
  /** More of a change within `perMs` than this, in the unit of the point. */
  | { readonly kind: 'rate'; readonly point: number; readonly rise?: number; readonly fall?: number; readonly perMs: number; readonly deadband: number }
  | { readonly kind: 'expression'; readonly when: Expression; readonly text: string }
  /** A device does not answer. `behind`: the devices through which it is reached, nearest first. */
  | { readonly kind: 'communication'; readonly device: string; readonly behind: readonly string[] };

/** Which transitions a person has to acknowledge. */
export type AcknowledgeRule = 'raised' | 'both' | 'none';

export interface AlarmDefinition {
  readonly name: string;
  readonly watch: AlarmWatch;
  readonly onDelayMs: number;
  readonly offDelayMs: number;
  /** 1 (most urgent) … 4. */
  readonly priority: number;
  /** Of the outer limits (high-high, low-low), where it differs. */
  readonly outerPriority?: number;
  readonly class: string;
  /** Of a class that concerns people's lives: no mute and no quiet hours hold for it. */
  readonly lifeSafety?: true;
  /** `raised` where it is left out. */
  readonly acknowledge?: AcknowledgeRule;
  /** Stays, once it has returned and is acknowledged, until a person resets it. */
  readonly latch?: true;
  /** Suppressed by design while this is true; while it is unknown, as before. */
  readonly suppress?: Expression;
  readonly area?: string;
  /** Of the point that it watches, for mutes and routes. */
  readonly device?: string;
  /** What to say in place of the text that is made from the condition. */
  readonly message?: string;
  /** What happens if nobody does anything. */
  readonly consequence?: string;
  /** What to do. */
  readonly instruction?: string;
  /** Address of the picture that shows it. */
  readonly graphic?: string;
  /** The longest that it may be shelved at a time; a day where it is left out. */
  readonly maxShelveMs?: number;
}

export const LONGEST_SHELVE_MS = 86_400_000;

/** What an area or a device is muted by. */
export type MuteScope = { readonly area: string } | { readonly device: string };

/** What a person may do to alarms. */
export type AlarmAction =
  /** Of the occurrence that the person saw; of one transition, or (left out) of all that wait. */
  | { readonly kind: 'acknowledge'; readonly alarm: string; readonly occurrence: number; readonly transition?: 'raised' | 'returned'; readonly note?: string }
  | { readonly kind: 'reset'; readonly alarm: string; readonly note?: string }
  | { readonly kind: 'shelve'; readonly alarm: string; readonly forMs: number; readonly note?: string }
  | { readonly kind: 'unshelve'; readonly alarm: string; readonly note?: string }
  | { readonly kind: 'take-out-of-service'; readonly alarm: string; readonly note?: string }
  | { readonly kind: 'return-to-service'; readonly alarm: string; readonly note?: string }
  /** `id` makes a repeated request one note. */
  | { readonly kind: 'note'; readonly alarm: string; readonly id: string; readonly note: string }
  /** Ends the noise about what is unacknowledged now, and acknowledges nothing. Without names: all of them. */
  | { readonly kind: 'silence'; readonly alarms?: readonly string[] }
  | { readonly kind: 'mute'; readonly scope: MuteScope; readonly forMs: number; readonly note?: string }
  | { readonly kind: 'unmute'; readonly scope: MuteScope };

/** A mute that holds now. */
export interface AlarmMute {
  readonly scope: MuteScope;
  readonly untilMs: number;
  readonly by: string;
  readonly note?: string;
  readonly sinceMs: number;
}

export interface AlarmNote {
  readonly id: string;
  readonly timeMs: number;
  readonly by: string;
  readonly note: string;
}

/** Figures of alarm management over a time (ISA-18.2 / IEC 62682, clause 16). Rates are for one operator. */
export interface AlarmFigures {
  readonly raised: number;
  /** Alarms in ten minutes; acceptable is about 1, manageable 2 at the most. */
  readonly per10MinAverage: number;
  readonly per10MinPeak: number;
  /** Times with more than ten alarms in ten minutes, until there are fewer than five, and their share of the time (0 … 1). */
  readonly floods: number;
  readonly floodShare: number;
  readonly byPriority: Readonly<Record<string, number>>;
  /** Active for longer than a day, now. */
  readonly standing: readonly { readonly name: string; readonly priority: number; readonly sinceMs: number; readonly state: string }[];
  /** Alarms that are not normal now, by state. */
  readonly present: Readonly<Record<string, number>>;
  /** Those that were raised most often. */
  readonly top: readonly { readonly name: string; readonly raised: number; readonly share: number }[];
  /** Raised three times within a minute. */
  readonly chattering: readonly string[];
  /** From the raise to the acknowledgement; null where nothing was acknowledged. */
  readonly acknowledgeMeanMs: number | null;
}

/** A part of the site. Areas are paths: `Tower/F1` lies in `Tower`. */
export interface AreaDefinition {
  readonly name: string;
  readonly title?: string;
}

/** `area` is `of` or lies below it: areas are paths, `Tower/F1` is in `Tower`. */
export function isInArea(area: string | undefined, of: string): boolean {
  return area !== undefined && (area === of || area.startsWith(`${of}/`));
}
