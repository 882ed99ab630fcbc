import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { loadPair } from '../../src/config/index.js';
import { createGateway } from '../../src/gateway.js';
import { consoleLog } from '../../src/platform/log.js';
import { realNetwork } from '../../src/platform/network.js';
import { encodeFrame } from '../../src/image/index.js';
import { realClock, realRandom, realTimers } from '../../src/platform/time.js';
import { webSocketLink } from '../../src/platform/ws-link.js';
import { openLevel } from '../../src/store/index.js';
import { feedModule, type FeedOrder } from './sync-feed.js';

/** One node of `bench sync`: a whole gateway on the real platform whose only driver is the feed. `sync-node.js SITE NODE [CHANGES-AT-A-TIME] [CONSOLE-FOLDER]` */
export interface NodeReport {
  readonly updates: number;
  readonly seq: number;
  readonly cpuMicros: number;
  readonly rssBytes: number;
  readonly stallMaxMs: number;
  readonly wallMs: number;
  /** Of the frames on the link, by samples of them. */
  readonly bytesPerChange: number;
  /** Median time from the cut of a frame to the standby's word that it has applied it, of the last thousand frames. */
  readonly ackMs: number;
}

const [siteFile = '', nodeFile = '', rows, consoleFolder] = process.argv.slice(2);
const order: FeedOrder = { updatesPerSecond: 0, alarmsHigh: false };
const counts = { updates: 0 };
const modules = [feedModule(order, counts, rows === undefined ? undefined : Number(rows))];
const { site, node, problems } = loadPair(siteFile, nodeFile, modules, realClock.wallMs());
if (site === undefined || node === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
const gateway = await createGateway({ site, node, token: node.token ?? '' }, modules, {
  clock: realClock,
  timers: realTimers,
  random: realRandom,
  network: realNetwork,
  transport: webSocketLink,
  log: consoleLog('warn', node.id),
  ...(consoleFolder === undefined ? {} : { consoleFolder }),
  openDatabase: async (folder) => openLevel(join(folder, 'db')),
});
const sampled = { bytes: 0, rows: 0, frames: 0 };
const acks: number[] = [];
const cutAt = new Map<number, number>();
gateway.pair.sync.frames$.subscribe((frame) => {
  cutAt.set(frame.seq, performance.now());
  if (sampled.frames++ % 50 !== 0 || frame.values.length < 1_000) return;
  sampled.bytes += encodeFrame(frame).length;
  sampled.rows += frame.values.length;
});
gateway.pair.sync.visible$.subscribe((frame) => {
  acks.push(performance.now() - (cutAt.get(frame.seq) ?? NaN));
  cutAt.delete(frame.seq);
  if (acks.length > 1_000) acks.shift();
});
const stalls = monitorEventLoopDelay({ resolution: 5 });
stalls.enable();
process.on('message', (message: { feed?: Partial<FeedOrder>; report?: true }) => {
  if (message.feed !== undefined) Object.assign(order, message.feed);
  if (message.report === undefined) return;
  const { user, system } = process.cpuUsage();
  const report: NodeReport = {
    updates: counts.updates,
    seq: gateway.state.position.seq,
    cpuMicros: user + system,
    rssBytes: process.memoryUsage().rss,
    stallMaxMs: stalls.max / 1e6,
    wallMs: performance.now(),
    bytesPerChange: sampled.bytes / sampled.rows,
    ackMs: [...acks].sort((a, b) => a - b)[Math.floor(acks.length / 2)] ?? NaN,
  };
  stalls.reset();
  process.send?.(report);
});
process.send?.('ready');
