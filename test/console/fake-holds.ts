import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PointHold, WireValue } from '../../src/contract/index.js';

interface SlotOwner {
  readonly by: string;
  readonly since: string;
  readonly until?: string;
  readonly reason?: string;
}

interface Priorities {
  readonly slots: readonly WireValue[];
  readonly relinquishDefault: WireValue;
  readonly active: number | null;
  readonly commands: Readonly<Record<string, SlotOwner>>;
}

interface Asked {
  readonly value?: WireValue;
  readonly reason?: string;
  readonly for?: string;
}

const HOUR_MS = 3_600_000;
const POINT = /^\/api\/v1\/points\/([^/]+)(?:\/([^/]+))?$/;

/** Holds and priority arrays of the gateway, as both fake nodes know them. Points of `R101` have theirs in the device. */
export class FakeHolds {
  /** So many requests more are refused, as by a node that is about to take over. */
  refusals = 0;
  /** Requests that were carried out. */
  done = 0;
  readonly holds = new Map<string, PointHold>();
  readonly #slots = new Map<string, Map<number, SlotOwner & { readonly value: WireValue }>>();

  command(point: string, priority: number, value: WireValue, by: string, asked: Asked = {}): void {
    const slots = this.#slots.get(point) ?? new Map<number, SlotOwner & { readonly value: WireValue }>();
    this.#slots.set(point, slots);
    slots.set(priority, { value, by, since: new Date().toISOString(), ...(asked.for === undefined ? {} : { until: new Date(Date.now() + HOUR_MS).toISOString() }), ...(asked.reason === undefined ? {} : { reason: asked.reason }) });
  }

  details(point: string): object {
    const hold = this.holds.get(point);
    return { description: `Description of ${point}`, ...(hold === undefined ? {} : { hold }), priorities: point.startsWith('R101.') || point.startsWith('AHU1.') ? 'device' : 'gateway' };
  }

  priorities(point: string): Priorities {
    const slots = this.#slots.get(point) ?? new Map<number, SlotOwner & { readonly value: WireValue }>();
    return {
      slots: Array.from({ length: 16 }, (_, index) => slots.get(index + 1)?.value ?? null),
      relinquishDefault: 18,
      active: Math.min(...slots.keys(), 17) === 17 ? null : Math.min(...slots.keys()),
      commands: Object.fromEntries([...slots].map(([priority, { by, since, until, reason }]) => [priority, { by, since, ...(until === undefined ? {} : { until }), ...(reason === undefined ? {} : { reason }) }])),
    };
  }

  /** True where the request was one of these, and has been answered. */
  act({ method, url = '/' }: IncomingMessage, asked: Asked, response: ServerResponse): boolean {
    const { pathname, searchParams } = new URL(url, 'http://node');
    const [, encoded, action] = POINT.exec(pathname) ?? [];
    if (encoded === undefined || action === undefined) return false;
    if (this.refusals > 0) {
      this.refusals--;
      response.writeHead(503, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'NOT_ACTIVE', detail: 'this node is not active: ask the other one' }));
      return true;
    }
    this.done++;
    const point = decodeURIComponent(encoded);
    const said = { by: 'tests@10.20.0.7', sinceMs: Date.now(), ...(asked.for === undefined ? {} : { untilMs: Date.now() + HOUR_MS }), ...(asked.reason === undefined ? {} : { reason: asked.reason }) };
    if (action === 'override' && method === 'DELETE') this.#slots.get(point)?.delete(Number(searchParams.get('priority') ?? 8));
    else if (action === 'override') this.command(point, 8, asked.value ?? null, said.by, asked);
    else if (action === 'take-out-of-service') this.holds.set(point, { kind: 'out-of-service', ...said });
    else if (action === 'return-to-service') this.holds.delete(point);
    else return false;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ point, held: 'protected' }));
    return true;
  }
}
