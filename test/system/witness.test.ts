import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, type Log } from '../../src/contract/index.js';
import { realClock, realRandom, realTimers } from '../../src/platform/time.js';
import { webSocketLink } from '../../src/platform/ws-link.js';
import { WitnessClient, type WitnessReply } from '../../src/redundancy/index.js';
import { Supervised } from '../../simulators/demo/supervised.js';
import { dist, freePorts, until } from './processes.js';

describe('tandem witness', function () {
  this.timeout(30_000);
  let folder = '';
  let process: Supervised | undefined;
  const clients: WitnessClient[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'witness-'));
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.stop();
    await process?.stop();
    rmSync(folder, { recursive: true });
  });

  const client = (port: number, node: string, secret: string, log: Log = silentLog): { client: WitnessClient; replies: WitnessReply[] } => {
    const replies: WitnessReply[] = [];
    const made = new WitnessClient(
      { at: { host: '127.0.0.1', port }, secret, site: 'plant', node, promiseMs: 300, answerMs: 1_000, redialMs: 50, clock: realClock, timers: realTimers, random: realRandom, transport: webSocketLink, log },
      (reply) => replies.push(reply),
      () => undefined,
    );
    clients.push(made);
    made.start();
    return { client: made, replies };
  };

  it('makes a secret, supports one node, and knows after kill -9 what it wrote', async () => {
    const [port] = (await freePorts(1)) as [number];
    const start = async (): Promise<void> => {
      process = new Supervised({
        name: 'witness',
        script: join(dist, 'src/main.js'),
        args: ['witness', '--listen', `127.0.0.1:${port}`, '--data', folder, '--site', 'plant'],
        logFile: join(folder, 'log'),
      });
      process.start();
      await process.line('witness ready');
    };
    await start();
    const secret = readFileSync(join(folder, 'secret'), 'utf8').trim();
    const a = client(port, 'A', secret);
    await until('A is supported', () => {
      a.client.ask({ type: 'renew', epoch: 3, members: ['A'] });
      return a.replies.find(({ question, answer }) => question.type === 'renew' && answer.granted);
    });
    process?.kill();
    await until('it is dead', () => (process?.running === false ? true : undefined));
    await start();
    const b = client(port, 'B', secret);
    const reached = await until('B is answered', () => b.replies.at(0));
    assert.deepEqual([reached.answer.epoch, reached.answer.holder, reached.answer.members], [3, 'A', ['A']]);
    b.client.ask({ type: 'ask', epoch: 4, dead: true, beyondSet: false });
    assert.ok(['mute', 'not-a-member'].includes((await until('B is refused', () => b.replies.find(({ question }) => question.type === 'ask'))).answer.refusal ?? ''));

    const warnings: string[] = [];
    const stranger = client(port, 'A', 'x'.repeat(40), { ...silentLog, warn: (text) => void warnings.push(text) });
    const refused = (): string[] => readFileSync(join(folder, 'log'), 'utf8').split('\n').filter((line) => line.includes('the digest is wrong'));
    await until('it is told', () => (warnings.length > 0 && refused().length > 0 ? true : undefined));
    await new Promise((wake) => setTimeout(wake, 300));
    // It calls every 50 ms: either side says so once.
    assert.match(warnings.join(), /^the witness at .* it may have another secret than this node, or not serve site plant; its log says which$/);
    assert.equal(refused().length, 1);
    assert.equal(stranger.client.reachable, false);
    assert.deepEqual(stranger.replies, []);
  });
});
