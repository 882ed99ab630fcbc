import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { requireTool } from '../../hooks.js';
import { openPty } from './pty.js';
import { newPlc } from './rig.js';

const run = promisify(execFile);

describe('Modbus: mbpoll as the foreign client', () => {
  before(function () {
    requireTool(this, 'mbpoll');
    requireTool(this, 'socat');
  });

  it('reads and writes the virtual PLC on TCP', async () => {
    const plc = newPlc();
    plc.unit(9).set('hr', 4, [1234, 5678]);
    const port = await plc.listen('127.0.0.1', 0);
    const mbpoll = (...args: string[]) => run('mbpoll', ['-m', 'tcp', '-p', String(port), '-a', '9', '-0', '-r', '4', '-1', ...args]);
    try {
      const { stdout } = await mbpoll('-t', '4', '-c', '2', '127.0.0.1');
      assert.match(stdout, /\[4\]:\s+1234\s+\[5\]:\s+5678/);
      await mbpoll('-t', '4', '127.0.0.1', '77');
      assert.deepEqual(plc.unit(9).get('hr', 4, 2), [77, 5678]);
    } finally {
      await plc.close();
    }
  });

  it('reads and writes the virtual PLC with RTU on a serial line', async () => {
    const pty = await openPty();
    const plc = newPlc();
    plc.unit(9).set('hr', 4, [1234, 5678]);
    await plc.openSerial({ path: pty.b, baud: 19_200, dataBits: 8, parity: 'even', stopBits: 1 });
    const mbpoll = (...args: string[]) => run('mbpoll', ['-m', 'rtu', '-b', '19200', '-P', 'even', '-a', '9', '-0', '-r', '4', '-1', ...args]);
    try {
      const { stdout } = await mbpoll('-t', '4', '-c', '2', pty.a);
      assert.match(stdout, /\[4\]:\s+1234\s+\[5\]:\s+5678/);
      await mbpoll('-t', '4', pty.a, '77');
      assert.deepEqual(plc.unit(9).get('hr', 4, 2), [77, 5678]);
    } finally {
      await plc.close();
      await pty.close();
    }
  });
});
