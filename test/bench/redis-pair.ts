import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { freePorts, until } from '../system/processes.js';

/** A Redis master and its replica, both with an append-only file that is synced at every write, as our journals are. */
export class RedisPair {
  private constructor(
    private readonly servers: readonly ChildProcess[],
    private readonly socket: Socket,
    readonly replica: Socket,
  ) {}

  /** undefined where Redis is not installed. */
  static async start(folder: string): Promise<RedisPair | undefined> {
    if (spawnSync('redis-server', ['--version']).status !== 0) return undefined;
    const [masterPort = 0, replicaPort = 0] = await freePorts(2);
    const serve = (port: number, name: string, ...more: string[]): ChildProcess =>
      spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--dbfilename', `${name}.rdb`, '--appenddirname', `${name}-aof`, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--repl-diskless-sync-delay', '0', ...more], { stdio: 'ignore' });
    const servers = [serve(masterPort, 'master'), serve(replicaPort, 'replica', '--replicaof', '127.0.0.1', String(masterPort))];
    const socket = await open(masterPort);
    const replica = await open(replicaPort);
    const pair = new RedisPair(servers, socket, replica);
    await until('the replica is linked', async () => ((await ask(replica, ['INFO', 'replication'])).includes('master_link_status:up') ? true : undefined));
    return pair;
  }

  /** Microseconds of CPU that both servers have used together. */
  cpuMicros(): number {
    return this.servers.reduce((sum, { pid = 0 }) => {
      const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      // utime and stime, in clock ticks of 10 ms.
      return sum + (Number(fields[11]) + Number(fields[12])) * 10_000;
    }, 0);
  }

  /** Sets `changes` random keys of `points`, pipelined by the thousand, until the replica has them. */
  async change(points: number, changes: number): Promise<void> {
    const batch = 1_000;
    for (let done = 0; done < changes; done += batch) {
      const commands = Array.from({ length: batch }, () => command(['SET', `P${String(Math.floor(Math.random() * points))}`, (Math.random() * 100).toFixed(3)])).join('');
      await answers(this.socket, commands, batch);
    }
    await ask(this.socket, ['WAIT', '1', '0']);
  }

  /** Milliseconds from a `SET` to the answer of its `WAIT 1`. */
  async waited(key: string): Promise<number> {
    const startMs = performance.now();
    await answers(this.socket, command(['SET', key, '1']) + command(['WAIT', '1', '0']), 2);
    return performance.now() - startMs;
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    this.replica.destroy();
    await Promise.all(this.servers.map(async (server) => new Promise((resolve) => {
      server.once('exit', resolve);
      server.kill('SIGKILL');
    })));
  }
}

async function open(port: number): Promise<Socket> {
  return until(`redis answers on ${String(port)}`, async () =>
    new Promise<Socket | undefined>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
      socket.once('error', () => resolve(undefined));
    }));
}

function command(words: readonly string[]): string {
  return `*${String(words.length)}\r\n${words.map((word) => `$${String(word.length)}\r\n${word}\r\n`).join('')}`;
}

async function ask(socket: Socket, words: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (data) => resolve(data.toString('utf8')));
    socket.write(command(words));
  });
}

/** Sends commands whose answers are one line each, and waits for `count` of them. */
async function answers(socket: Socket, commands: string, count: number): Promise<void> {
  return new Promise((resolve) => {
    let lines = 0;
    const onData = (data: Buffer): void => {
      for (const byte of data) if (byte === 10) lines++;
      if (lines < count) return;
      socket.off('data', onData);
      resolve();
    };
    socket.on('data', onData);
    socket.write(commands);
  });
}
