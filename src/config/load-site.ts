import type { CheckedPoint, DeviceDefinition, DriverModule, PointDefinition, Problem, NotificationSettings, RedundancySettings, SiteConfig, VirtualAddress } from '../contract/index.js';
import { readAlarmClass } from './alarm-classes.js';
import { readAlarm, watchedPoints } from './alarms.js';
import { allAreas, checkArea, checkMembers, membership, readArea, type WrittenArea } from './areas.js';
import { checkBehind, readCommunicationAlarms } from './communication-alarms.js';
import { readNotifications } from './notifications.js';
import { compact } from './compact.js';
import { readCalendar } from './calendar-days.js';
import { checkDrawnBytes, writtenGraphics } from './drawings.js';
import { checkGraphics, placedGraphics, readGraphic, withGraphic } from './graphics.js';
import { readKpis } from './kpis.js';
import { guarded, readDevice, readLine, type ReadLine, type ReadDevice } from './devices.js';
import { checkEntitlement } from './modules.js';
import type { NodeDocument } from './node-document.js';
import { checkLifeSigns } from './life-signs.js';
import { suggestion } from './nearest.js';
import { checkFeedback, driverPointOf, readPoint, VIRTUAL_DEVICE, type ReadPoint } from './points.js';
import { ProblemList, type DocumentProblems } from './problem-list.js';
import { readLogic } from './logic.js';
import { readRedundancy, withSlowPolls } from './redundancy-settings.js';
import { revisionOf } from './revision.js';
import { readSchedule } from './schedules.js';
import { checkKeys, isRecord } from './schema-check.js';
import { readIdentity, readPolling } from './site-sections.js';
import { SourceDocument } from './source-document.js';
import { listAt, recordAt, writtenPoints, type WrittenPoint } from './templates.js';
import { readHistory, readTrends } from './trends.js';
import { checkUnits } from './units.js';
import { readVirtualPoints } from './virtual-points.js';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface LoadedSite {
  /** Absent where there is any error. */
  readonly site?: SiteConfig;
  readonly problems: readonly Problem[];
}

const sections = ['site', 'redundancy', 'polling', 'lines', 'devices', 'templates', 'use', 'points', 'areas', 'alarmClasses', 'communicationAlarms', 'alarms', 'calendars', 'schedules', 'trends', 'history', 'logic', 'notifications', 'drawings', 'graphics', 'kpis'];
const nodeSections = ['node', 'partners', 'field'];

/** Reads and checks a site document; with `node`, as that machine would run it. Everything that is wrong is told at once. */
export function loadSite(file: SourceFile, modules: readonly DriverModule[], node?: NodeDocument): LoadedSite {
  const list = new ProblemList();
  const document = new SourceDocument(file.path, file.text);
  list.addText(document);
  const problems = list.at(document);
  if (document.value === undefined && list.hasErrors) return { problems: list.take() };
  if (!isRecord(document.value)) {
    problems.error('CONFIG_INVALID', 'a site document is a block of keys that begins with `site:`');
    return { problems: list.take() };
  }
  const site = new SiteReader(document, document.value, list, modules, node).read();
  const found = list.take([file.path]);
  return site === undefined || list.hasErrors ? { problems: found } : { site, problems: found };
}

/** One pass over one document, section by section, each knowing the ones before it. */
class SiteReader {
  private readonly problems: DocumentProblems;

  constructor(
    private readonly document: SourceDocument,
    private readonly top: Readonly<Record<string, unknown>>,
    private readonly list: ProblemList,
    private readonly modules: readonly DriverModule[],
    private readonly node: NodeDocument | undefined,
  ) {
    this.problems = list.at(document);
  }

  read(): SiteConfig | undefined {
    const { top, problems } = this;
    this.checkSections();
    const identity = readIdentity(top.site, problems.at('site'));
    const polling = readPolling(top.polling, problems.at('polling'));
    const redundancy = withSlowPolls(readRedundancy(top.redundancy, problems.at('redundancy')), polling?.periodMs.slow, top.redundancy, problems.at('redundancy'));
    this.checkWitness(redundancy);
    this.checkVirtualAddress(identity?.virtualAddress);
    const lines = this.readLines();
    const devices = this.entries('devices', (name, raw, at) => readDevice(name, raw, { modules: this.modules, lines, activity: redundancy?.activity ?? 'warm', node: this.fieldNode, timezone: identity?.timezone ?? 'UTC' }, at));
    checkEntitlement(top, new Map([...devices].flatMap(([name, device]) => (device === undefined ? [] : [[name, device.module] as const]))), this.node, problems);
    const written = writtenPoints(this.document, top, this.list);
    const points = new Map(written.map((point, id): [string, ReadPoint | undefined] => [point.name, readPoint(point, id, devices)]));
    const areas = this.entries('areas', (name, raw, at) => readArea(name, raw, new Set(devices.keys()), at));
    this.assignAreas(points, areas, written);
    this.checkAcrossPoints(devices, points);
    checkUnits(written, points);
    const definitions = new Map([...points].map(([name, point]): [string, PointDefinition | undefined] => [name, point?.definition]));
    const virtualPoints = readVirtualPoints(points, definitions);
    if (virtualPoints.length > 0 && devices.has(VIRTUAL_DEVICE)) problems.error('CONFIG_CLASH', `\`${VIRTUAL_DEVICE}\` stands for points without a device: give this one another name`, ['devices', VIRTUAL_DEVICE]);
    if (redundancy !== undefined) this.checkLifeSigns(redundancy, definitions, devices);
    const classes = this.entries('alarmClasses', readAlarmClass);
    const lifeSafetyClasses = [...classes].flatMap(([name, rules]) => (rules?.lifeSafety === true ? [name] : []));
    const declared = top.areas === undefined ? undefined : new Set(areas.keys());
    const known = new Map([...definitions.values()].map((definition) => [definition?.id, definition]));
    const byId = (id: number | undefined): PointDefinition | undefined => known.get(id);
    const alarms = this.entries('alarms', (name, raw, at) => readAlarm(name, raw, { points: definitions, byId, classes, areas: declared }, at));
    const notifications = readNotifications(top.notifications, identity?.timezone ?? 'UTC', declared, problems.at('notifications'));
    this.checkMessenger(notifications);
    const reached = [...devices].map(([name, device]) => ({ name, behind: device?.behind }));
    checkBehind(reached, problems.at('devices'));
    const communication = readCommunicationAlarms(top.communicationAlarms, reached, classes, problems.at('communicationAlarms'));
    const calendars = this.entries('calendars', readCalendar);
    const context = {
      points: definitions,
      calendars,
      timezone: identity?.timezone ?? 'UTC',
      capabilities: (device: string) => devices.get(device)?.module.capabilities,
      writers: new Map<string, string>(),
    };
    const schedules = this.entries('schedules', (name, raw, at) => readSchedule(name, raw, context, at));
    const logic = this.entries('logic', (name, raw, at) => readLogic(name, raw, context, at));
    const pages = writtenGraphics(this.document, top, this.list);
    const graphicNames = new Set(pages.keys());
    checkGraphics(pages, problems.at('graphics'));
    checkDrawnBytes(top, pages, problems);
    const graphics = new Map([...pages].map(([name, page]) => [name, readGraphic(name, page, { points: definitions, graphics: graphicNames, areas: declared })]));
    for (const [name, alarm] of alarms) if (alarm !== undefined) alarms.set(name, withGraphic(alarm, graphics, known, problems.at('alarms', name)));
    const trends = readTrends(listAt(top.trends, 'trends', problems), definitions, problems.at('trends'));
    const history = readHistory(top.history, problems.at('history'));
    const recorded = new Set(trends.flatMap(({ points: ids }) => ids));
    const kpis = readKpis(listAt(top.kpis, 'kpis', problems), { points: definitions, graphics: graphicNames, recorded: (id) => recorded.has(id) }, problems.at('kpis'));
    const alarmed = new Set([...alarms.values()].flatMap((alarm) => (alarm === undefined ? [] : watchedPoints(alarm.watch))));
    if (identity === undefined || redundancy === undefined || polling === undefined || history === undefined || this.list.hasErrors) return undefined;
    return {
      ...identity,
      revision: this.revision(written),
      redundancy,
      polling,
      lines: [...lines].map(([name, { line }]) => compact({ name, line, plug: this.node?.lines.get(name) })),
      devices: [...devices.values()].filter((device) => device !== undefined).map((device) => define(device, points, alarmed)),
      points: [...definitions.values()].filter((point) => point !== undefined),
      ...(virtualPoints.length === 0 ? {} : { virtualPoints }),
      ...(notifications === undefined ? {} : { notifications }),
      areas: allAreas(areas.values(), [...definitions.values(), ...alarms.values()]),
      alarms: [...[...alarms.values()].filter((alarm) => alarm !== undefined), ...communication],
      ...(lifeSafetyClasses.length === 0 ? {} : { lifeSafetyClasses }),
      trends,
      history,
      calendars: [...calendars.values()].filter((calendar) => calendar !== undefined),
      schedules: [...schedules.values()].filter((schedule) => schedule !== undefined),
      logic: [...logic.values()].filter((program) => program !== undefined),
      ...(graphics.size === 0 ? {} : { graphics: placedGraphics([...graphics.values()].flatMap((graphic) => graphic?.definition ?? [])) }),
      ...(kpis.length === 0 ? {} : { kpis }),
    };
  }

  /** The node whose lines are used; one that only reads has none. */
  private get fieldNode(): NodeDocument | undefined {
    return this.node?.config.mode === 'reader' ? undefined : this.node;
  }

  private checkWitness(redundancy: RedundancySettings | undefined): void {
    const node = this.node?.config;
    if (redundancy?.witness === undefined || node === undefined || node.mode === 'independent' || node.mode === 'reader') return;
    if (node.witnessSecret === undefined && node.witnessSecretFile === undefined) {
      this.problems.error('CONFIG_REFERENCE', 'the node document needs `witness: {secretFile: …}`: what the witness was started with', ['redundancy', 'witness']);
    }
  }

  private checkLifeSigns(redundancy: RedundancySettings, points: ReadonlyMap<string, PointDefinition | undefined>, devices: ReadonlyMap<string, ReadDevice | undefined>): void {
    const problems = this.problems.at('redundancy');
    checkLifeSigns(redundancy, points, devices, problems);
    const node = this.node?.config;
    if (redundancy.registers === undefined || node === undefined || (node.mode !== 'main' && node.mode !== 'backup')) return;
    for (const id of [node.id, node.partner?.symbol ?? '']) if (redundancy.registers.points[id] === undefined) problems.error('CONFIG_REFERENCE', `node ${id} has no register`, ['registers', 'points']);
  }

  private checkVirtualAddress(at: VirtualAddress | undefined): void {
    const node = this.node?.config;
    if (at === undefined || node === undefined || this.node === undefined) return;
    const own = this.list.at(this.node.source);
    const any = at.address.includes(':') ? ['::'] : ['0.0.0.0', '::'];
    if (![...any, at.address].includes(node.console.host)) {
      own.warning('CONFIG_INVALID', `the console listens on ${node.console.host} only: clients of the virtual address ${at.address} reach nothing; listen on ${any[0] === '::' ? '[::]' : '0.0.0.0'}`, ['node', 'listen', 'console']);
    }
    const fixed = [['console', node.console.host], ['link', node.link.host], ['heartbeat', node.heartbeat?.host]] as const;
    for (const [key, host] of fixed) if (host === at.address) own.error('CONFIG_CLASH', `${at.address} is the site's virtual address: this node has it only while it is active`, ['node', 'listen', key]);
    if (node.partner?.address === at.address) own.error('CONFIG_CLASH', `${at.address} is the site's virtual address, and not the other node's own`, ['partners', 0, 'address']);
  }

  /** What this machine needs to send what the site wants to be sent. */
  private checkMessenger(notifications: NotificationSettings | undefined): void {
    if (this.node === undefined) return;
    const { notifications: own } = this.node.config;
    for (const { name, emails, webhook } of notifications?.recipients ?? []) {
      if (emails !== undefined && own?.smtp === undefined) this.problems.warning('CONFIG_REFERENCE', 'the node document has no `notifications: {smtp: {…}}`: this machine cannot send mails', ['notifications', 'recipients', name]);
      if (webhook !== undefined && own?.webhooks?.[webhook] === undefined) this.problems.warning('CONFIG_REFERENCE', `the node document has no webhook \`${webhook}\``, ['notifications', 'recipients', name]);
    }
  }

  private checkSections(): void {
    const keys = Object.keys(this.top);
    for (const key of keys.filter((own) => nodeSections.includes(own))) {
      this.problems.keyError('CONFIG_UNKNOWN_KEY', `\`${key}\` belongs to the node document: the site document is the same on both nodes`, [key]);
    }
    checkKeys(keys.filter((key) => !nodeSections.includes(key)), sections, this.problems);
  }

  private readLines(): ReadonlyMap<string, ReadLine> {
    const { fieldNode: node, problems } = this;
    const lines = new Map([...this.entries('lines', readLine)].filter((entry): entry is [string, ReadLine] => entry[1] !== undefined));
    const devices = Object.values(recordAt(this.top.devices, 'devices', this.list.at(this.document)));
    const used = new Set(devices.map((device) => (isRecord(device) ? device.line : undefined)));
    for (const name of lines.keys()) {
      if (!used.has(name)) problems.warning('CONFIG_REFERENCE', 'no device uses this line', ['lines', name]);
      else if (node !== undefined && !node.lines.has(name)) {
        this.list.at(node.source).error('CONFIG_REFERENCE', `the site's line \`${name}\` is not plugged in here: say where, or write {} for the default`, ['lines', name]);
      }
    }
    for (const name of node?.lines.keys() ?? []) {
      if (node !== undefined && !lines.has(name)) {
        this.list.at(node.source).keyError('CONFIG_REFERENCE', `the site has no line \`${name}\`${suggestion(name, lines.keys())}`, ['lines', name]);
      }
    }
    return lines;
  }

  /** Reads each entry of a section, in document order. */
  private entries<T>(section: string, read: (name: string, raw: unknown, problems: DocumentProblems) => T): Map<string, T> {
    const record = recordAt(this.top[section], section, this.problems);
    return new Map(this.document.keys(record).map((name) => [name, read(name, record[name], this.problems.at(section, name))]));
  }

  private checkAcrossPoints(devices: ReadonlyMap<string, ReadDevice | undefined>, points: ReadonlyMap<string, ReadPoint | undefined>): void {
    const byDevice = new Map<string, CheckedPoint<unknown>[]>();
    for (const point of points.values()) {
      if (point === undefined) continue;
      checkFeedback(point, points);
      const { device } = point.definition;
      const checked = byDevice.get(device) ?? [];
      checked.push(point.checked);
      byDevice.set(device, checked);
    }
    for (const [name, checked] of byDevice) {
      const device = devices.get(name);
      if (device !== undefined) guarded(this.problems.at('devices', name), () => device.module.checkPoints?.(device.settings, checked));
    }
  }

  /** Gives each point the area that names it, where it does not name one itself. */
  private assignAreas(points: Map<string, ReadPoint | undefined>, areas: ReadonlyMap<string, WrittenArea | undefined>, written: readonly WrittenPoint[]): void {
    if (this.top.areas === undefined) return;
    checkMembers(areas, points.keys(), this.problems.at('areas'));
    const declared = new Set(areas.keys());
    const areaOf = membership(areas.values());
    for (const { name, problems } of written) {
      const point = points.get(name);
      if (point === undefined) continue;
      checkArea(point.definition.area, declared, problems.at('area'));
      const area = areaOf(point.definition);
      if (area !== undefined && area !== point.definition.area) points.set(name, { ...point, definition: { ...point.definition, area } });
    }
  }

  private revision(written: readonly WrittenPoint[]): string {
    const { site, redundancy, polling, lines, trends, areas, alarmClasses, communicationAlarms, notifications, drawings, kpis } = this.top;
    const points = written.map(({ name, raw }) => [name, raw]);
    const [devices, alarms, schedules, logic, graphics] = ['devices', 'alarms', 'schedules', 'logic', 'graphics'].map((section) => [...this.entries(section, (_name, raw) => raw)]);
    return revisionOf({ site, redundancy, polling, lines, devices, points, alarms, trends, calendars: this.top.calendars, schedules, areas, alarmClasses, communicationAlarms, notifications, ...(logic?.length === 0 ? {} : { logic }), ...(graphics?.length === 0 ? {} : { graphics }), ...(drawings === undefined ? {} : { drawings }), kpis });
  }
}

function define({ name, module, settings, standby, compare, writeTimeoutMs, writeRate, way, weight }: ReadDevice, points: ReadonlyMap<string, ReadPoint | undefined>, alarmed: ReadonlySet<number | undefined>): DeviceDefinition {
  const own = [...points.values()].filter((point) => point?.definition.device === name);
  return {
    name,
    driver: module.kind,
    settings,
    standby,
    ...(compare === undefined ? {} : { compare }),
    points: own.flatMap((point) => (point === undefined ? [] : [driverPointOf(point, alarmed.has(point.definition.id))])),
    writeTimeoutMs,
    ...(writeRate === undefined ? {} : { writeRate }),
    ...(way === undefined ? {} : { way }),
    ...(weight === undefined ? {} : { weight }),
  };
}
