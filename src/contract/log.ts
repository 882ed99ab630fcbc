export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A log with a namespace. The message is a function where building it costs something. */
export interface Log {
  readonly debug: (message: string | (() => string)) => void;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly error: (message: string, cause?: unknown) => void;
  child(namespace: string): Log;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
