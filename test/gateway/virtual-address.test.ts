import assert from 'node:assert/strict';
import { silentLog, TandemError, type AddressHolder } from '../../src/contract/index.js';
import { VirtualAddressKeeper } from '../../src/gateway/virtual-address.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

const AT = { address: '10.0.0.10', prefix: 24 };

/** A machine on which the address lives as long as it was said, and what was done, in order. */
class Machine {
  readonly time = new VirtualClock();
  readonly done: string[] = [];
  permitted = true;
  letGo = true;
  refuses = false;
  private untilMs = 0;

  readonly keeper = new VirtualAddressKeeper({
    keeper: { open: async () => this.holder },
    interface: undefined,
    clock: this.time,
    timers: this.time,
    log: silentLog,
    permit: () => this.permitted,
    otherHasLetGo: async () => this.letGo,
  });

  private readonly holder: AddressHolder = {
    interface: 'eth0',
    hold: async (seconds) => {
      if (this.refuses) throw new TandemError('VIRTUAL_ADDRESS', 'no such interface');
      this.done.push('hold');
      this.untilMs = this.time.monotonicMs() + seconds * 1_000;
    },
    renew: () => {
      this.untilMs = this.time.monotonicMs() + 3_000;
    },
    announce: () => void this.done.push('announce'),
    drop: async () => {
      this.done.push('drop');
      this.untilMs = 0;
    },
  };

  get has(): boolean {
    return this.time.monotonicMs() < this.untilMs;
  }

  async active(): Promise<this> {
    await this.keeper.configure(AT);
    this.keeper.become(true);
    await this.time.advance(10);
    return this;
  }
}

describe('virtual address', () => {
  it('is taken at once where the other node is sure to have it no more, announced three times and kept', async () => {
    const machine = await new Machine().active();
    assert.ok(machine.has);
    await machine.time.advance(10_000);
    assert.ok(machine.has);
    assert.deepEqual(machine.done, ['hold', 'announce', 'announce', 'announce']);
  });

  it('waits for a silent node until its kernel has taken the address away', async () => {
    const machine = new Machine();
    machine.letGo = false;
    await machine.active();
    assert.equal(machine.keeper.status()?.state, 'waiting');
    await machine.time.advance(3_900);
    assert.ok(!machine.has);
    await machine.time.advance(500);
    assert.ok(machine.has);
  });

  it('is given up before the hand-over goes on, and once only', async () => {
    const machine = await new Machine().active();
    await machine.keeper.release();
    assert.ok(!machine.has);
    machine.keeper.become(false);
    await machine.time.advance(5_000);
    assert.deepEqual(machine.done, ['hold', 'announce', 'drop']);
    machine.keeper.become(true);
    await machine.time.advance(10);
    assert.ok(machine.has, 'a hand-over that failed');
  });

  it('runs out while the node may not act, and is there again when it may', async () => {
    const machine = await new Machine().active();
    machine.permitted = false;
    await machine.time.advance(4_500);
    assert.ok(!machine.has);
    machine.permitted = true;
    await machine.time.advance(1_100);
    assert.ok(machine.has);
  });

  it('raises one alarm, and tries on, where it cannot be set', async () => {
    const machine = new Machine();
    machine.refuses = true;
    await machine.active();
    for (let i = 0; i < 10; i++) {
      await machine.time.advance(333);
      assert.deepEqual(machine.keeper.alarms().map(({ name }) => name), ['virtual-address']);
    }
    machine.refuses = false;
    await machine.time.advance(1_500);
    assert.deepEqual([machine.keeper.alarms(), machine.has], [[], true]);
  });

  it('follows the configuration', async () => {
    const machine = await new Machine().active();
    await machine.keeper.configure(undefined);
    assert.equal(machine.keeper.status(), undefined);
    assert.deepEqual(machine.done.at(-1), 'drop');
    await assert.rejects(new VirtualAddressKeeper({ keeper: undefined, interface: undefined, clock: machine.time, timers: machine.time, log: silentLog, permit: () => true, otherHasLetGo: async () => true }).configure(AT), /this node cannot set addresses/);
  });
});
