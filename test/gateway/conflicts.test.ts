import assert from 'node:assert/strict';
import type { Confirmation, WriteCommand } from '../../src/clients/index.js';
import { isTandemError, TandemError } from '../../src/contract/index.js';
import { commandToJson } from '../../src/gateway/command-record.js';
import type { Commands } from '../../src/gateway/commands.js';
import { Conflicts } from '../../src/gateway/conflicts.js';
import { PairState, PointTable, Publisher } from '../../src/image/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

class Rig {
  readonly state = new PairState(new PointTable('r', []));
  readonly written: WriteCommand[] = [];
  refusal: TandemError | undefined;
  role = 'active';
  readonly conflicts: Conflicts;

  constructor() {
    const time = new VirtualClock();
    const publisher = new Publisher({ state: this.state, clock: time, timers: time, pairTime: () => 1_000, frameMs: 20 });
    publisher.open({ number: 1, node: 'A', nonce: 'n' });
    publisher.record([{ key: 'conflict/rest/7', value: commandToJson({ point: 'Sp', value: 21, priority: 8, by: 'ann', state: 'done', timeMs: 500 }) }]);
    const commands = {
      write: async (command: WriteCommand): Promise<Confirmation> => {
        if (this.refusal !== undefined) throw this.refusal;
        this.written.push(command);
        return { held: 'protected' };
      },
    };
    this.conflicts = new Conflicts({
      state: this.state,
      publisher,
      commands: commands as unknown as Commands,
      configuration: undefined,
      mustBeActive: () => {
        if (this.role !== 'active') throw new TandemError('NOT_ACTIVE', 'not here');
      },
      confirm: async () => 'protected',
    });
  }
}

describe('conflicts', () => {
  it('are listed with who did what, when', () => {
    assert.deepEqual(new Rig().conflicts.list(), [{ id: 'rest/7', kind: 'command', timeMs: 500, by: 'ann', point: 'Sp', text: 'Sp = 21 at priority 8 (done)' }]);
  });

  it('that are adopted are done anew in the name of who adopts, once, and are gone', async () => {
    const rig = new Rig();
    assert.deepEqual(await rig.conflicts.adopt('rest/7', 'bob'), { held: 'protected' });
    assert.deepEqual(rig.written, [{ id: 'adopted/rest/7', point: 'Sp', value: 21, priority: 8, by: 'bob', epoch: 1 }]);
    assert.deepEqual(rig.conflicts.list(), []);
    await assert.rejects(rig.conflicts.adopt('rest/7', 'bob'), (error) => isTandemError(error, 'CONFLICT_UNKNOWN'));
  });

  it('stay when what they ask for is refused, and on a node that is not active', async () => {
    const rig = new Rig();
    rig.refusal = new TandemError('POINT_READ_ONLY', 'not that one');
    await assert.rejects(rig.conflicts.adopt('rest/7', 'bob'), (error) => isTandemError(error, 'POINT_READ_ONLY'));
    rig.role = 'standby';
    await assert.rejects(rig.conflicts.dismiss('rest/7', 'bob'), (error) => isTandemError(error, 'NOT_ACTIVE'));
    assert.equal(rig.conflicts.list().length, 1);
  });

  it('that are dismissed have no effect', async () => {
    const rig = new Rig();
    await rig.conflicts.dismiss('rest/7', 'bob');
    assert.deepEqual([rig.conflicts.list(), rig.written], [[], []]);
  });

  it('are dismissed many at once, in one frame, each with its entry; what is gone already is passed over', async () => {
    const rig = new Rig();
    const before = rig.state.position.seq;
    assert.deepEqual(await rig.conflicts.dismissAll(['rest/7', 'rest/7', 'never'], 'bob'), { held: 'protected', dismissed: 1 });
    assert.deepEqual([rig.conflicts.list(), rig.written, rig.state.position.seq - before], [[], [], 1]);
    assert.deepEqual(await rig.conflicts.dismissAll(['rest/7'], 'bob'), { held: 'protected', dismissed: 0 });
    rig.role = 'standby';
    await assert.rejects(rig.conflicts.dismissAll(['rest/7'], 'bob'), (error) => isTandemError(error, 'NOT_ACTIVE'));
  });
});
