import { fork, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A process of the bench that answers each message with one. */
export class PeerProcess {
  private constructor(readonly child: ChildProcess) {}

  static start(script: string, args: readonly (string | number)[]): PeerProcess {
    return new PeerProcess(fork(fileURLToPath(new URL(script, import.meta.url)), args.map(String), { execArgv: [] }));
  }

  /** Its next message. */
  async next<T>(): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('a process of the bench has ended'));
      this.child.once('exit', ended);
      this.child.once('message', (message) => {
        this.child.off('exit', ended);
        resolve(message as T);
      });
    });
  }

  async ask<T>(question: string): Promise<T> {
    const answer = this.next<T>();
    this.child.send(question);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** CPU that all threads of a process have had, in nanoseconds. Linux only. */
export function cpuNs(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return sum;
}

/** Memory that a process holds now, and the most that it ever held. */
export function rssBytes(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024;
  return { now: kilobytes('VmRSS'), peak: kilobytes('VmHWM') };
}
