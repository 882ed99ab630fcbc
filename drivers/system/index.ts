import { EMPTY, Subject, type Observable } from 'rxjs';
import { z } from 'zod';
import { GOOD, qualityOf, SampleBuilder, TandemError, type Driver, type DriverHost, type DriverModule, type DriverPoint, type ParseContext, type ParsedPoint, type PointValue, type PollClass, type PollResult, type SampleBatch, type ValueKind } from '../../src/contract/index.js';

/** Of the pair as a whole. */
const ofPair: Readonly<Record<string, ValueKind>> = {
  active: 'text',
  protected: 'boolean',
  'sync-lag': 'number',
  'standby-connected': 'boolean',
  held: 'boolean',
  conflicts: 'number',
  'devices-offline': 'number',
};
/** Of one node, behind its id, `active/` or `standby/`. */
const ofNode: Readonly<Record<string, ValueKind>> = {
  role: 'text',
  'disk-free': 'number',
  memory: 'number',
  'loop-stall': 'number',
  'certificate-days': 'number',
};
const NODE = /^[A-Za-z0-9_-]{1,16}$/;

/** The pair itself as a device: what it knows of its nodes and its field as points, to be trended, alarmed and served like any other. */
export const system: DriverModule<object, string> = {
  kind: 'system',
  version: '1.0.0',
  capabilities: { priorities: false, standby: 'silent' },
  deviceShape: {},
  pointShape: { at: z.string() },
  parseDevice: () => ({}),
  parsePoint,
  create: (host, _, points) => new SystemDriver(host, points),
};

function parsePoint(raw: Readonly<Record<string, unknown>>, _: object, { problems }: ParseContext): ParsedPoint<string> | undefined {
  const at = String(raw.at);
  const kind = kindOf(at);
  if (kind !== undefined) return { address: at, kind, readOnly: true };
  const nodes = Object.keys(ofNode).map((name) => `active/${name}`);
  problems.error('CONFIG_ADDRESS', `\`${at}\` is nothing that the system knows: ${[...Object.keys(ofPair), 'device/NAME', ...nodes].join(', ')}, and standby/ or the id of a node in place of active/`, ['at']);
  return undefined;
}

function kindOf(at: string): ValueKind | undefined {
  const slash = at.indexOf('/');
  if (slash < 0) return Object.hasOwn(ofPair, at) ? ofPair[at] : undefined;
  const [who, what] = [at.slice(0, slash), at.slice(slash + 1)];
  if (who === 'device') return what === '' ? undefined : 'boolean';
  return NODE.test(who) && Object.hasOwn(ofNode, what) ? ofNode[what] : undefined;
}

class SystemDriver implements Driver {
  private readonly batches = new Subject<SampleBatch>();
  private polls = 0;

  constructor(
    private readonly host: DriverHost,
    private readonly points: readonly DriverPoint<string>[],
  ) {}

  get samples$(): Observable<SampleBatch> {
    return this.batches;
  }

  get events$(): typeof EMPTY {
    return EMPTY;
  }

  start(): void {
    // There is nothing to connect to.
  }

  setActivity(): void {
    // And nothing that would differ.
  }

  async stop(): Promise<void> {
    await Promise.resolve();
  }

  async poll(pollClass: PollClass): Promise<PollResult> {
    this.polls += 1;
    const builder = new SampleBuilder();
    const timeMs = this.host.clock.wallMs();
    const facts = this.host.facts?.();
    for (const point of this.points) {
      if (point.poll !== pollClass) continue;
      const value = facts?.get(point.address);
      if (value === undefined) builder.add(point.id, NaN, qualityOf('bad'), timeMs);
      else builder.add(point.id, value, GOOD, timeMs);
    }
    const batch = builder.take();
    this.batches.next(batch);
    return Promise.resolve({ reachable: true, points: batch.length });
  }

  async write(): Promise<void> {
    return Promise.reject(new TandemError('FIELD_REJECTED', 'what the system says of itself cannot be written'));
  }

  async read(id: number): Promise<PointValue> {
    const point = this.points.find((each) => each.id === id);
    const value = point === undefined ? undefined : this.host.facts?.().get(point.address);
    if (value === undefined) throw new TandemError('FIELD_REJECTED', `nothing is known of ${point?.address ?? 'that point'} now`);
    return Promise.resolve(value);
  }

  counters(): Readonly<Record<string, number>> {
    return { polls: this.polls };
  }
}
