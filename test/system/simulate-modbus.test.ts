import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openPty } from '../drivers/modbus/pty.js';
import { requireTool } from '../hooks.js';
import { until } from './processes.js';
import { Rig, type Run } from './rig.js';

const execute = promisify(execFile);

interface Ready {
  readonly address?: { readonly host: string; readonly port: number };
  readonly units: readonly number[];
}

describe('tandem simulate modbus, as a process, with mbpoll as the client', () => {
  let rig: Rig;
  before(function () {
    requireTool(this, 'mbpoll');
    requireTool(this, 'socat');
  });
  beforeEach(() => {
    rig = new Rig();
  });
  afterEach(() => rig.stop());

  const simulate = async (...args: readonly string[]): Promise<{ run: Run; ready: Ready }> => {
    const run = rig.tandem('simulate', 'modbus', ...args);
    const line = await until('the PLC is ready', () => {
      if (!run.running) throw new Error(run.stderr);
      return run.stdout.includes('\n') ? run.stdout : undefined;
    });
    return { run, ready: JSON.parse(line.slice('ready '.length)) as Ready };
  };
  const mbpoll = async (args: readonly string[]): Promise<string> => {
    try {
      return (await execute('mbpoll', ['-0', '-1', '-o', '0.5', ...args])).stdout;
    } catch (error) {
      return (error as { stdout: string; stderr: string }).stdout + (error as { stderr: string }).stderr;
    }
  };

  it('many units with a profile, a map and faults from a file, read again on SIGHUP', async () => {
    const map = rig.write('map.yaml', '- {units: 2, at: "hr:100", type: float32, value: 21.5, wordOrder: little}\n- {units: "1-40", at: "hr:500", missing: 2}\n');
    const faults = rig.write('faults.yaml', '- {kind: busy, unit: "5-8"}\n- {kind: dead, unit: 9}\n');
    const { run, ready } = await simulate('--listen', '127.0.0.1:0', '--units', '1-40', '--profile', 'fixed', '--map', map, '--faults', faults, '--fault', 'exception:unit=4,code=4');
    assert.equal(ready.units.length, 40);
    const ask = (unit: number, at: number, type = '4', count = 1): Promise<string> => mbpoll(['-m', 'tcp', '-p', String(ready.address?.port), '-a', String(unit), '-r', String(at), '-c', String(count), '-t', type, '127.0.0.1']);
    assert.match(await ask(40, 3), /\[3\]:\s+40003/);
    assert.match(await ask(2, 100, '4:float'), /\[100\]:\s+21\.5/);
    assert.match(await ask(1, 500), /Illegal data address/);
    assert.match(await ask(4, 0), /Slave device or server failure/);
    assert.match(await ask(7, 0), /Slave device or server is busy/);
    assert.match(await ask(9, 0), /timed out/);
    assert.match(await ask(41, 0), /Target device failed to respond/);
    rig.write('faults.yaml', '- {kind: exception, unit: 9, code: 2}\n');
    run.child.kill('SIGHUP');
    await until('the new faults are in force', async () => (/\[0\]:\s+7000/.test(await ask(7, 0)) ? true : undefined));
    assert.match(await ask(9, 0), /Illegal data address/);
    assert.equal(await run.stop(), 0);
  });

  it('a serial line at its pace, and RTU over TCP beside it', async () => {
    const pty = await openPty();
    try {
      const { ready } = await simulate('--serial', pty.b, '--baud', '2400', '--units', '3', '--profile', 'fixed', '--listen', '127.0.0.1:0', '--rtu');
      const ask = (count: number): Promise<string> => mbpoll(['-o', '3', '-m', 'rtu', '-b', '2400', '-P', 'even', '-a', '3', '-r', '10', '-c', String(count), '-t', '4', pty.a]);
      const startMs = performance.now();
      assert.match(await ask(100), /\[10\]:\s+3010[^]*\[109\]:\s+3109/);
      // 8 + 205 characters of 11 bits at 2400 baud are 976 ms.
      assert.ok(performance.now() - startMs > 970);
      assert.ok((ready.address?.port ?? 0) > 0);
    } finally {
      await pty.close();
    }
  });

  it('names what is wrong in a row by its line, and what is wrong on the command line', async () => {
    const cases: readonly (readonly [args: readonly string[], said: RegExp])[] = [
      [[], /give --listen HOST:PORT, --serial PATH or both/],
      [['--listen', '127.0.0.1:0', '--faults', rig.write('f.yaml', '# mine\n- {kind: busy}\n- {kind: lazy}\n- {kind: drop, rate: 7}\n')], /f\.yaml:3: there is no fault lazy[^]*f\.yaml:4: rate/],
      [['--listen', '127.0.0.1:0', '--map', rig.write('m.yaml', '- {units: 1, at: 40001, value: 7}\n')], /m\.yaml:1: at: /],
      [['--listen', '127.0.0.1:0', '--fault', 'slow'], /--fault slow: there is no fault slow/],
      [['--listen', 'here'], /--listen is HOST:PORT/], [['--serial', '/dev/none', '--baud', '9600'], /\/dev\/none does not open/], [['--listen', '1', '--units', 'all'], /--units is a number or a range/],
      [['--listen', '127.0.0.1:0', '--profile', 'sine'], /--profile is ramp, random, fixed, not sine/], [['--listen', '127.0.0.1:0', '--map', '/none.yaml'], /ENOENT/],
    ];
    await Promise.all(cases.map(async ([args, said]) => {
      const run = rig.tandem('simulate', 'modbus', ...args);
      assert.equal(await run.exit(), 2, run.stderr);
      assert.match(run.stderr, said);
    }));
  });
});
