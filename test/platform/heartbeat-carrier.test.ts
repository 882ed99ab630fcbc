import assert from 'node:assert/strict';
import { threadedHeartbeats } from '../../src/platform/heartbeat-carrier.js';
import type { HeartbeatPath } from '../../src/contract/index.js';
import { isTandemError } from '../../src/contract/index.js';
import { freePorts, until } from '../system/processes.js';

describe('heartbeats from a thread', () => {
  const open: HeartbeatPath[] = [];

  afterEach(async () => {
    for (const path of open.splice(0)) await path.close();
  });

  it('go on with what was said last while the main thread is busy', async () => {
    const [a, b] = (await freePorts(2)) as [number, number];
    const heard: string[] = [];
    open.push(await threadedHeartbeats.open({ host: '127.0.0.1', port: b }, { host: '127.0.0.1', port: a }, 20, (text) => heard.push(text)));
    const sender = await threadedHeartbeats.open({ host: '127.0.0.1', port: a }, { host: '127.0.0.1', port: b }, 20, () => undefined);
    open.push(sender);
    sender.say('1');
    await until('the first beat', () => heard[0]);
    const busyUntil = performance.now() + 400;
    while (performance.now() < busyUntil);
    await until('beats of the busy time', () => (heard.filter((text) => text === '1').length > 8 ? true : undefined));
    sender.say('2');
    await until('the next beat', () => heard.find((text) => text === '2'));
  });

  it('say when their port is taken', async () => {
    const [a] = (await freePorts(1)) as [number];
    const at = { host: '127.0.0.1', port: a };
    open.push(await threadedHeartbeats.open(at, at, 1_000, () => undefined));
    await assert.rejects(threadedHeartbeats.open(at, at, 1_000, () => undefined), (error) => isTandemError(error, 'PORT_IN_USE'));
  });
});
