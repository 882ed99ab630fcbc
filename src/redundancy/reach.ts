/** How a node reaches a device: `unknown` where it does not ask it (exclusive, cold, listening only), or has not had an answer yet. */
export interface DeviceReach {
  readonly name: string;
  /** What it counts for (key `weight` of the device). */
  readonly weight: number;
  readonly state: 'reachable' | 'unreachable' | 'unknown';
}

/** What a standby tells of the field: everything that it names neither here nor there it reaches. */
export interface ToldReach {
  readonly unreachable: readonly string[];
  readonly unknown: readonly string[];
}

/** How much more of the field the other node reaches, of the devices that both ask. */
export interface FieldBalance {
  /** Weight of what only the other node reaches, and of what only this one does. */
  readonly theirs: number;
  readonly own: number;
  /** Names of what only the other node reaches. */
  readonly devices: readonly string[];
}

/** Weight of all devices that are reached. */
export function reachedWeight(devices: readonly DeviceReach[]): number {
  return devices.reduce((sum, { state, weight }) => (state === 'reachable' ? sum + weight : sum), 0);
}

export function tellReach(devices: readonly DeviceReach[]): ToldReach {
  const named = (wanted: DeviceReach['state']): string[] => devices.filter(({ state }) => state === wanted).map(({ name }) => name);
  return { unreachable: named('unreachable'), unknown: named('unknown') };
}

/** Devices that either of the two does not ask count for nothing. Pure. */
export function balanceOf(own: readonly DeviceReach[], told: ToldReach): FieldBalance {
  const unreachable = new Set(told.unreachable);
  const unknown = new Set(told.unknown);
  const asked = own.filter(({ name, state }) => state !== 'unknown' && !unknown.has(name));
  const weigh = (devices: readonly DeviceReach[]): number => devices.reduce((sum, { weight }) => sum + weight, 0);
  const onlyTheirs = asked.filter(({ name, state }) => state === 'unreachable' && !unreachable.has(name));
  const onlyOwn = asked.filter(({ name, state }) => state === 'reachable' && unreachable.has(name));
  return { theirs: weigh(onlyTheirs), own: weigh(onlyOwn), devices: onlyTheirs.map(({ name }) => name) };
}
