import type { PointHold } from '../../contract/point-command.js';
import type { WireValue } from '../../contract/client-protocol.js';
import { getJson, postJson, removeJson } from './rest.js';

/** `GET /api/v1/points/{name}`, what the subscription does not bring. */
export interface PointDetails {
  readonly description?: string;
  /** A person has cut it off from its device. */
  readonly hold?: PointHold;
  /** Whose priority array it is: one of the gateway costs no traffic in the field. */
  readonly priorities?: 'gateway' | 'device';
}

/** Who commands it at one priority, as far as it was by this gateway. */
export interface SlotOwner {
  readonly by: string;
  /** ISO 8601. */
  readonly since: string;
  readonly until?: string;
  readonly reason?: string;
}

/** `GET /api/v1/points/{name}/priority-array`. */
export interface Priorities {
  /** Of priority 1 … 16; null where nobody commands. */
  readonly slots: readonly WireValue[];
  readonly relinquishDefault: WireValue;
  /** The priority in force; null where the relinquish default is. */
  readonly active: number | null;
  readonly commands?: Readonly<Record<string, SlotOwner>>;
}

const pathOf = (point: string): string => `api/v1/points/${encodeURIComponent(point)}`;

export async function readPoint(url: string, point: string): Promise<PointDetails> {
  return (await getJson(url, pathOf(point))) as PointDetails;
}

export async function readPriorities(url: string, point: string): Promise<Priorities> {
  return (await getJson(url, `${pathOf(point)}/priority-array`)) as Priorities;
}

interface Why {
  readonly reason: string;
  /** `8h`; without it until somebody ends it. */
  readonly for?: string;
}

/** What people do to a point beside writing it, at the active node. */
export const pointActions = {
  override: async (url: string, point: string, given: Why & { readonly value: WireValue }, token: string) => postJson(url, `${pathOf(point)}/override`, given, token),
  /** Gives up the command of one priority, or ends what a person made a point show that cannot be commanded. */
  release: async (url: string, point: string, priority: number | undefined, token: string) => removeJson(url, `${pathOf(point)}/override${priority === undefined ? '' : `?priority=${priority}`}`, token),
  outOfService: async (url: string, point: string, given: Why, token: string) => postJson(url, `${pathOf(point)}/take-out-of-service`, given, token),
  inService: async (url: string, point: string, token: string) => postJson(url, `${pathOf(point)}/return-to-service`, {}, token),
};
