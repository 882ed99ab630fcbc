import type { PointValue } from './point.js';

/** What an output does when its program is stopped by a fault. */
export type LogicSafeState = { readonly kind: 'hold' } | { readonly kind: 'relinquish' } | { readonly kind: 'value'; readonly value: number | string };

export interface LogicInput {
  /** As the program calls it. */
  readonly name: string;
  /** Id of the point. */
  readonly point: number;
}

export interface LogicOutput {
  readonly name: string;
  readonly point: number;
  readonly priority: number;
  readonly canRelinquish: boolean;
  readonly onFault: LogicSafeState;
  /** A number is written again only when it has moved by so much, in the point's unit. */
  readonly deadband: number;
}

/** A control program: a step function of inputs, state and time to outputs and state. */
export interface LogicDefinition {
  readonly name: string;
  readonly description?: string;
  /** Period in milliseconds; absent: by change alone. */
  readonly everyMs?: number;
  /** Steps when an input changes. */
  readonly onChange: boolean;
  readonly inputs: readonly LogicInput[];
  readonly outputs: readonly LogicOutput[];
  /** Body of a JavaScript function that returns `{output: value}`. */
  readonly program: string;
  /** What becomes of a step while an input is not good. */
  readonly badInputs: 'hold' | 'run' | 'fault';
  /** A stopped program is tried again after this time; absent: when a person says so, or it is changed. */
  readonly retryAfterMs?: number;
  readonly limits: LogicLimits;
  /** IANA zone of `time`. */
  readonly timezone: string;
}

export interface LogicLimits {
  readonly memoryBytes: number;
  /** Thousands of loop turns and calls that one step may take. */
  readonly kiloSteps: number;
}

export type LogicFaultCode = 'LOGIC_THREW' | 'LOGIC_TOO_LONG' | 'LOGIC_TOO_LARGE' | 'LOGIC_BAD_OUTPUT' | 'LOGIC_BAD_INPUT' | 'LOGIC_SYNTAX';

export interface LogicFault {
  readonly code: LogicFaultCode;
  /** With the line of the program where there is one. */
  readonly message: string;
}

/** A program as clients see it. Times are ISO 8601. */
export interface LogicView {
  readonly name: string;
  readonly description?: string;
  readonly everyMs?: number;
  readonly onChange: boolean;
  readonly program: string;
  readonly state: 'waiting' | 'running' | 'held' | 'faulted';
  /** Inputs for which it is held. */
  readonly held?: readonly string[];
  readonly fault?: LogicFault & { readonly since: string; readonly retryAt?: string };
  readonly steps: number;
  readonly lastStep?: string;
  readonly inputs: readonly { readonly name: string; readonly point: string }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly point: string;
    readonly priority: number;
    /** What the program wants; null is relinquish, absent: nothing yet. */
    readonly wanted?: PointValue | null;
    readonly written?: PointValue | null;
    readonly error?: string;
  }[];
  /** What the program keeps from step to step. */
  readonly memory: unknown;
}

/** A program run against recorded history; nothing is written. */
export interface LogicDryRun {
  readonly from: string;
  readonly to: string;
  readonly steps: number;
  /** Steps that were not taken because an input was not good. */
  readonly held: number;
  readonly fault?: LogicFault & { readonly at: string };
  /** For each output, each change: ISO time and value (null relinquishes). */
  readonly outputs: Readonly<Record<string, readonly { readonly at: string; readonly value: PointValue | null }[]>>;
  readonly memory: unknown;
}

/** What a program may call or read beside its inputs; an input cannot have one of these names. */
export const logicHelperNames: readonly string[] = [
  ...['s', 'min', 'h', 'day', 'RELINQUISH', 'clamp', 'scale', 'ramp', 'lag', 'onDelay', 'offDelay', 'hysteresis', 'latch', 'rising', 'runHours', 'pid', 'leadLag', 'stages'],
  ...['saturationPressure', 'humidityRatio', 'enthalpy', 'dewPoint', 'wetBulb', 'absoluteHumidity'],
  ...['quality', 'state', 'time'],
];
