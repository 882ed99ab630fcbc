import { messageOf, type Log, type LogLevel } from '../contract/index.js';

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log of one line an entry on standard error: time, level, namespace, message. */
export function consoleLog(least: LogLevel, namespace = 'tandem'): Log {
  const line = (level: LogLevel, message: string): void => {
    if (ranks[level] < ranks[least]) return;
    process.stderr.write(`${new Date().toISOString()} ${level.padEnd(5)} ${namespace}: ${message}\n`);
  };
  return {
    debug: (message) => {
      if (least === 'debug') line('debug', typeof message === 'string' ? message : message());
    },
    info: (message) => line('info', message),
    warn: (message) => line('warn', message),
    error: (message, cause) => line('error', cause === undefined ? message : `${message}: ${messageOf(cause)}`),
    child: (name) => consoleLog(least, `${namespace}.${name}`),
  };
}
