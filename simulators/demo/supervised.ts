import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { EventEmitter } from 'node:events';

export interface SupervisedOptions {
  /** As people know it: `main`, `backup`, `building`. */
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** Runs what follows it, somewhere else: `ip netns exec HOST`. */
  readonly prefix?: readonly string[];
  /** Everything that it prints goes here. */
  readonly logFile: string;
  /** Started again this long after it died, as a service manager would; undefined leaves it dead. */
  readonly restartMs?: number;
}

/** A process of its own that is started, watched, and started again. Emits `started` and `died`. */
export class Supervised extends EventEmitter<{ started: [pid: number]; died: [reason: string] }> {
  private child: ChildProcess | undefined;
  private restart: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(readonly options: SupervisedOptions) {
    super();
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  get running(): boolean {
    return this.child !== undefined;
  }

  start(): void {
    const { script, args, prefix = [], logFile } = this.options;
    this.stopping = false;
    // Its standard input is ours: when the launcher is killed the pipe breaks, and the device processes end.
    const [command = process.execPath, ...words] = [...prefix, process.execPath, script, ...args];
    const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'] });
    const log = createWriteStream(logFile, { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.child = child;
    // However this process ends, what it started ends with it.
    const reap = (): void => void child.kill('SIGKILL');
    process.once('exit', reap);
    child.once('exit', () => process.off('exit', reap));
    child.once('spawn', () => this.emit('started', child.pid ?? 0));
    child.once('exit', (code, signal) => {
      log.end();
      this.child = undefined;
      this.emit('died', signal ?? `exit code ${String(code)}`);
      const { restartMs } = this.options;
      if (restartMs !== undefined && !this.stopping) this.restart = setTimeout(() => this.start(), restartMs);
    });
  }

  /** Resolves with the first line on standard output that begins with `word`; rejects when the process ends first. */
  async line(word: string): Promise<string> {
    const { child } = this;
    if (child === undefined || child.stdout === null) throw new Error(`${this.options.name} is not running`);
    const { stdout } = child;
    return new Promise((resolve, reject) => {
      let text = '';
      stdout.on('data', (data: Buffer) => {
        text += data.toString('utf8');
        const line = text.split('\n').find((candidate) => candidate.startsWith(word));
        if (line !== undefined) resolve(line);
      });
      child.once('exit', () => reject(new Error(`${this.options.name} ended before it was ready; see ${this.options.logFile}`)));
    });
  }

  /** Ends it for good: asked first, killed when it does not go. */
  async stop(graceMs = 5_000): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    const { child } = this;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await gone;
    clearTimeout(timer);
  }

  /** As `kill -9` does it. */
  kill(): void {
    this.child?.kill('SIGKILL');
  }

  /** As a machine that hangs: it keeps its connections, and says nothing. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }
}
