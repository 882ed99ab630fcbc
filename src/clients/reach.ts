import { createHash } from 'node:crypto';
import { formatRoles, isLimited, reaches, roleAt, roleEverywhere, roleThroughout, TandemError, type MuteScope, type PointDefinition, type Principal, type Roles, type UserRole, type WireAlarm } from '../contract/index.js';
import type { LogEntry, PointTable } from '../image/index.js';
import type { NodeApi } from './node-api.js';

type Area = string | undefined;
/** What is looked up to know where something lies. */
type Site = Pick<NodeApi, 'state' | 'alarmDefinition'>;
/** An alarm as far as it tells where it lies. */
export type PlacedAlarm = Pick<WireAlarm, 'name'> & Partial<Pick<WireAlarm, 'area' | 'point' | 'device'>>;
type AlarmLog = Partial<PlacedAlarm> & { readonly scope?: MuteScope };

const THE_SITE: readonly Area[] = [undefined];
const devicesOf = new WeakMap<PointTable, ReadonlyMap<string, readonly Area[]>>();

/**
 * What somebody sees of the plant, and what they may do to it, by the roles for areas (C11). A point lies in its area; an alarm in its
 * own, or that of its point; a device wherever its points are: it is seen by who sees one of them, and
 * something is done to it by who may do it to all. What lies nowhere is of the whole site.
 * What is not seen is answered as if it were not there.
 */
export class Reach {
  /** Tells apart who sees different parts; empty for who sees everything. The same on both nodes. */
  readonly key: string;

  constructor(
    private readonly site: Site,
    readonly principal: Pick<Principal, 'name' | 'role' | 'areas'>,
  ) {
    this.key = readingKey(principal);
  }

  get seesAll(): boolean {
    return this.key === '';
  }

  sees({ area }: Pick<PointDefinition, 'area'>): boolean {
    return this.seesAll || this.may('viewer', area);
  }

  seesArea(area: string): boolean {
    return this.may('viewer', area);
  }

  seesDevice(device: string): boolean {
    return this.seesAll || this.areasOfDevice(device).some((area) => this.may('viewer', area));
  }

  seesAlarm(alarm: PlacedAlarm): boolean {
    return this.seesAll || this.areasOfAlarm(alarm).some((area) => this.may('viewer', area));
  }

  /** An entry of the alarm journal; what it is about may have gone from the configuration since. */
  seesLog({ data }: Pick<LogEntry, 'data'>): boolean {
    if (this.seesAll) return true;
    const { name = '', scope, ...rest } = (data ?? {}) as AlarmLog;
    return scope === undefined ? this.seesAlarm({ name, ...rest }) : this.seesScope(scope);
  }

  seesScope(scope: MuteScope): boolean {
    return 'area' in scope ? this.may('viewer', scope.area) : this.seesDevice(scope.device);
  }

  /** @throws POINT_UNKNOWN, CLIENT_FORBIDDEN */
  point(name: string, needed: UserRole = 'viewer'): PointDefinition {
    const point = this.site.state.table.find(name);
    if (point === undefined || !this.sees(point)) throw new TandemError('POINT_UNKNOWN', `there is no point ${name}`);
    this.mustReach(needed, [point.area], name);
    return point;
  }

  mayAlarm(needed: UserRole, alarm: PlacedAlarm): boolean {
    return this.areasOfAlarm(alarm).every((area) => this.may(needed, area));
  }

  /** @throws ALARM_UNKNOWN, CLIENT_FORBIDDEN */
  mustReachAlarm(needed: UserRole, name: string): void {
    const alarm = { ...(this.site.state.keyed.get(`alarm/${name}`) as Partial<PlacedAlarm> | undefined), name };
    if (!this.seesAlarm(alarm)) throw new TandemError('ALARM_UNKNOWN', `there is no alarm ${name}`);
    this.mustReach(needed, this.areasOfAlarm(alarm), `alarm ${name}`);
  }

  /** @throws DEVICE_UNKNOWN, CLIENT_FORBIDDEN */
  mustReachDevice(needed: UserRole, device: string): void {
    if (!this.seesDevice(device)) throw new TandemError('DEVICE_UNKNOWN', `there is no device ${device}`);
    this.mustReach(needed, this.areasOfDevice(device), `device ${device}, all of whose points it is about`);
  }

  /** @throws DEVICE_UNKNOWN, CLIENT_FORBIDDEN */
  mustReachScope(needed: UserRole, scope: MuteScope): void {
    if ('device' in scope) this.mustReachDevice(needed, scope.device);
    else if (!reaches(roleThroughout(this.principal, scope.area), needed)) this.forbid(needed, scope.area, `area ${scope.area} and what lies in it`);
  }

  /** Everything on the site is within it. */
  mayAll(needed: UserRole): boolean {
    return reaches(roleEverywhere(this.principal), needed);
  }

  areasOfAlarm({ name, area, point, device }: PlacedAlarm): readonly Area[] {
    if (area !== undefined) return [area];
    const definition = this.site.alarmDefinition(name);
    if (definition?.area !== undefined) return [definition.area];
    if (definition?.watch.kind === 'communication') return this.areasOfDevice(definition.watch.device);
    if (definition !== undefined) return THE_SITE;
    if (point !== undefined && point !== '') return [this.site.state.table.find(point)?.area];
    return this.areasOfDevice(device ?? this.deviceIn(name));
  }

  private areasOfDevice(device: string): readonly Area[] {
    const { table } = this.site.state;
    let devices = devicesOf.get(table);
    if (devices === undefined) devicesOf.set(table, (devices = areasByDevice(table)));
    return devices.get(device) ?? THE_SITE;
  }

  /** Alarms of devices are called `device/object`: all that is left of one that has returned to normal. */
  private deviceIn(name: string): string {
    if (name.startsWith(SYSTEM)) return '';
    return name.startsWith(COMMUNICATION) ? name.slice(COMMUNICATION.length) : name.slice(0, Math.max(0, name.indexOf('/')));
  }

  private may(needed: UserRole, area: Area): boolean {
    return reaches(roleAt(this.principal, area), needed);
  }

  private mustReach(needed: UserRole, areas: readonly Area[], what: string): void {
    for (const area of areas) if (!this.may(needed, area)) this.forbid(needed, area, what);
  }

  private forbid(needed: UserRole, area: Area, what: string): never {
    const where = area === undefined ? 'for the whole site' : `for the area ${area}`;
    throw new TandemError('CLIENT_FORBIDDEN', `${what}: this needs the role ${needed} ${where}, and ${this.principal.name} has ${roleAt(this.principal, area)} there`, { details: { needed, ...(area === undefined ? {} : { area }) } });
  }
}

const COMMUNICATION = 'communication/';
/** Of the pair itself. */
const SYSTEM = 'system/';

/** Which part of the site somebody reads; empty: all of it. */
function readingKey(roles: Roles): string {
  if (!isLimited(roles)) return '';
  const parts = Object.entries(roles.areas ?? {}).map(([area, role]) => [area, role !== 'none']).sort();
  return createHash('sha256').update(JSON.stringify([roles.role !== 'none', parts])).digest('hex').slice(0, 16);
}

function areasByDevice(table: PointTable): ReadonlyMap<string, readonly Area[]> {
  const found = new Map<string, Set<Area>>();
  for (const { device, area } of table.all()) {
    const areas = found.get(device);
    if (areas === undefined) found.set(device, new Set([area]));
    else areas.add(area);
  }
  return new Map([...found].map(([device, areas]) => [device, [...areas]]));
}

/** For messages: `anna has viewer; Tower: operator`. */
export function holds(principal: Pick<Principal, 'name' | 'role' | 'areas'>): string {
  return `${principal.name} has ${formatRoles(principal)}`;
}
