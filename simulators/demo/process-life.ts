import { fstatSync } from 'node:fs';

/**
 * Runs `stop` once, when the process is asked to end or its parent is gone: a demo that was killed must
 * leave no devices behind. A parent is seen by its pipe on standard input or by its IPC channel; a
 * terminal or /dev/null there means that nobody holds the other end.
 */
export function stopWithParent(stop: () => Promise<void>): void {
  let stopping = false;
  const end = (): void => {
    if (stopping) return;
    stopping = true;
    stop().then(() => process.exit(0), (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    });
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', end);
  if (isPipe(0)) {
    process.stdin.on('end', end);
    process.stdin.on('close', end);
    process.stdin.on('error', end);
    process.stdin.resume();
  }
}

function isPipe(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}

/** The one line that a launcher waits for. */
export function announceReady(details: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`ready ${JSON.stringify(details)}\n`);
}
