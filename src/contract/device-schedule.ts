/**
 * Schedules and calendars that a device runs itself, as ANSI/ASHRAE 135 clauses 12.9 and 12.24 have them. A part of a
 * date that is null matches every such date.
 */
export interface DeviceDate {
  readonly year: number | null;
  /** 1 … 12, or every odd or even month. */
  readonly month: number | 'odd' | 'even' | null;
  /** 1 … 31, the last day of the month, or every odd or even day. */
  readonly day: number | 'last' | 'odd' | 'even' | null;
  /** 1 Monday … 7 Sunday. */
  readonly weekday: number | null;
}

export interface DeviceDateRange {
  /** A date of which every part is null: no bound on that side. */
  readonly from: DeviceDate;
  readonly to: DeviceDate;
}

export interface DeviceWeekNDay {
  readonly month: number | 'odd' | 'even' | null;
  /** 1 days 1–7, 2 days 8–14 … 5 days 29–31, 6 the last 7 days, 7 … 9 the 7 days before those. */
  readonly week: number | null;
  readonly weekday: number | null;
}

export type DeviceCalendarEntry = { readonly date: DeviceDate } | { readonly range: DeviceDateRange } | { readonly weekNDay: DeviceWeekNDay };

/** null relinquishes: the schedule has nothing to say from then on. */
export type DeviceScheduleValue =
  | null
  | { readonly real: number } | { readonly double: number } | { readonly unsigned: number } | { readonly signed: number }
  | { readonly enumerated: number } | { readonly boolean: boolean } | { readonly text: string };

/** `time` is local time of the device, `HH:MM:SS` or `HH:MM:SS.hh`. */
export interface DeviceTimeValue {
  readonly time: string;
  readonly value: DeviceScheduleValue;
}

export interface DeviceException {
  /** A calendar of the device, `CAL:1`, or an entry of its own. */
  readonly period: { readonly calendar: string } | DeviceCalendarEntry;
  readonly values: readonly DeviceTimeValue[];
  /** 1 (wins) … 16. */
  readonly priority: number;
}

export interface DeviceSchedule {
  readonly kind: 'schedule';
  /** `SCH:1` */
  readonly object: string;
  readonly name?: string;
  readonly presentValue?: DeviceScheduleValue;
  readonly effectivePeriod: DeviceDateRange;
  /** Monday … Sunday; absent where the device has exceptions only. */
  readonly weekly?: readonly (readonly DeviceTimeValue[])[];
  readonly exceptions?: readonly DeviceException[];
  readonly default: DeviceScheduleValue;
  /** What it writes: `AV:1`, `AV:1 present-value of 77`. */
  readonly targets: readonly string[];
  readonly priorityForWriting?: number;
  readonly outOfService?: boolean;
}

export interface DeviceCalendar {
  readonly kind: 'calendar';
  /** `CAL:1` */
  readonly object: string;
  readonly name?: string;
  readonly presentValue?: boolean;
  readonly dateList: readonly DeviceCalendarEntry[];
}

/** What a client may change; what is left out stays as it is. */
export interface DeviceScheduleEdit {
  readonly effectivePeriod?: DeviceDateRange;
  readonly weekly?: readonly (readonly DeviceTimeValue[])[];
  readonly exceptions?: readonly DeviceException[];
  readonly default?: DeviceScheduleValue;
  readonly dateList?: readonly DeviceCalendarEntry[];
}

export interface DeviceSchedules {
  /** Schedules and calendars of the device, by object: `SCH:1`, `CAL:2`. */
  list(): Promise<readonly string[]>;
  /** @throws SCHEDULE_UNKNOWN, or a FIELD_… code */
  read(object: string): Promise<DeviceSchedule | DeviceCalendar>;
  /** Writes what `edit` names and reads it back. @throws SCHEDULE_UNKNOWN, VALUE_INVALID, FENCED, or a FIELD_… code */
  write(object: string, edit: DeviceScheduleEdit, options: { readonly timeoutMs: number; readonly permit: () => boolean }): Promise<void>;
}
