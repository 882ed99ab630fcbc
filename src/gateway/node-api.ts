import type { AccessApi, DiscoveryApi, NodeApi } from '../clients/index.js';
import { TandemError, type AlarmAction, type AlarmDefinition, type NodeConfig, type NotificationAction, type PendingNotification, type PointDefinition, type ProcessHealth, type RedundancyEvent, type WireAlarm } from '../contract/index.js';
import type { Field } from '../field/index.js';
import type { Activities } from './activities.js';
import type { TimeAhead } from './time-ahead.js';
import { standingOf, type PairState, type Publisher } from '../image/index.js';
import { ALARM_PREFIX, DEVICE_ALARM_PREFIX, type Desk, OUTBOX_PREFIX, readSlots, scheduleViews } from '../functions/index.js';
import type { Pair, PairClock, Trust } from '../redundancy/index.js';
import { Aggregator, Columns, type Store } from '../store/index.js';
import { record } from './access/ledger.js';
import type { Commands } from './commands.js';
import type { DeviceAlarms } from './device-alarms.js';
import { deviceSchedules } from './device-schedules.js';
import { Conflicts } from './conflicts.js';
import type { Configuration } from './configuration.js';
import { graphicsOf } from './graphics.js';
import type { Logic } from './logic.js';
import { settled } from './notification-effects.js';
import { metricsOf } from './metrics.js';
import type { PointControl } from './point-control.js';
import { overridesOf, prioritiesOf } from './point-view.js';
import type { SiteInForce } from './site-in-force.js';
import { figuresOf } from './alarm-figures.js';
import { mustExist } from './mute-scope.js';
import { logsBetween } from './resumed-logs.js';
import { trustControl } from './trust-control.js';
import type { VirtualAddressKeeper } from './virtual-address.js';

export interface NodeParts {
  readonly activities: Activities;
  readonly inForce: SiteInForce;
  readonly configuration: Configuration | undefined;
  readonly node: NodeConfig;
  readonly access: AccessApi;
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly pair: Pair;
  readonly pairClock: PairClock;
  readonly store: Store;
  readonly field: Field;
  readonly timeAhead: TimeAhead;
  readonly commands: Commands;
  readonly points: PointControl;
  /** Whether this gateway keeps the priority array of a point. */
  readonly hasOwnArray: (point: PointDefinition) => boolean;
  readonly deviceAlarms: DeviceAlarms;
  readonly alarmDesk: Desk<AlarmAction>;
  readonly outbox: Desk<NotificationAction>;
  readonly trust: Trust | undefined;
  readonly unknownExpressions: () => number;
  readonly connectedClients: () => number;
  readonly bufferedBytes: () => number;
  readonly health: (() => ProcessHealth) | undefined;
  readonly discovery: DiscoveryApi;
  readonly virtualAddress: VirtualAddressKeeper;
  readonly documentChanged: (() => boolean) | undefined;
  readonly logic: Logic;
}

/** It names the machine, its ports and its partner: none of that changes under way. */
const DOCUMENT_CHANGED = 'the node document has changed on disk since this node was started: restart it to take it';

/** The node as its clients see it. */
export function nodeApi({ activities, inForce, configuration, node, access, state, publisher, pair, pairClock, store, field, timeAhead, commands, points, hasOwnArray, deviceAlarms, alarmDesk, outbox, trust, discovery, unknownExpressions, connectedClients, bufferedBytes, health, virtualAddress, documentChanged, logic }: NodeParts): NodeApi {
  const devices = (): ReturnType<NodeApi['devices']> => {
    const found = new Map(pair.status().comparison?.devices.map(({ name, ...comparison }) => [name, comparison]));
    return field.devices().map((device) => {
      const comparison = found.get(device.name);
      const samplesAhead = timeAhead.count(device.name);
      if (comparison === undefined && samplesAhead === 0) return device;
      return { ...device, ...(comparison === undefined ? {} : { comparison }), ...(samplesAhead === 0 ? {} : { counters: { ...device.counters, samplesAhead } }) };
    });
  };
  const known = (point: string): PointDefinition => {
    const found = state.table.find(point);
    if (found === undefined) throw new TandemError('POINT_UNKNOWN', `there is no point ${point}`);
    return found;
  };
  const definitions = new WeakMap<readonly AlarmDefinition[], ReadonlyMap<string, AlarmDefinition>>();
  const conflicts = new Conflicts({
    state,
    publisher,
    commands,
    configuration,
    mustBeActive: () => {
      if (pair.currentRole !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: decide on the other one');
    },
    confirm: async (seq) => pair.sync.confirm(seq),
  });
  return {
    site: inForce.current.name,
    node: node.id,
    state,
    role$: pair.role$,
    role: () => pair.currentRole,
    status: () => {
      const address = virtualAddress.status();
      const notes = documentChanged?.() === true ? [{ code: 'NODE_DOCUMENT_CHANGED', message: DOCUMENT_CHANGED }] : [];
      const underWay = activities.list();
      return { ...pair.status(), ...(underWay.length === 0 ? {} : { activities: underWay }), ...(address === undefined ? {} : { virtualAddress: address }), ...(notes.length === 0 ? {} : { notes }) };
    },
    origins: () => {
      const { port } = node.console;
      const address = virtualAddress.status();
      return [node.url, ...(address === undefined ? [] : [`${node.https === undefined ? 'http' : 'https'}://${address.address.includes(':') ? `[${address.address}]` : address.address}:${port}`])];
    },
    peerUrl: () => pair.peerUrl,
    visible$: pair.sync.visible$,
    cut: () => {
      publisher.cut();
      return state.position;
    },
    whenVisible: async (seq) => pair.sync.whenVisible(seq),
    standingOf: (position) => standingOf(position, state.epochs(), state.position.seq),
    logsBetween: (fromSeq, toSeq) => (fromSeq < toSeq && fromSeq + 1 < store.journalFloor ? undefined : logsBetween(store, state, fromSeq, toSeq)),
    write: async (command) => commands.write(command),
    priorities: async (name) => {
      const point = known(name);
      const slots = readSlots(state.keyed, point.name);
      if (hasOwnArray(point)) return prioritiesOf(slots, point);
      return { ...(await field.readPriorities(point.id)), commands: slots };
    },
    keepsPriorities: hasOwnArray,
    point: async (action, by) => points.act(action, by),
    overrides: () => overridesOf(state),
    pairTime: () => pairClock.now(),
    deviceSchedules: deviceSchedules({ field, publisher, mayAct: async () => pair.mayAct(), confirm: async (seq) => pair.sync.confirm(seq) }),
    alarm: async (action, by, done) => {
      if (pair.currentRole !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: ask the other one');
      if ('alarm' in action && action.kind !== 'note' && state.keyed.get(DEVICE_ALARM_PREFIX + action.alarm) !== undefined) {
        if (action.kind !== 'acknowledge') return deviceAlarms.act(action, by);
        const { alarm, occurrence, note } = action;
        const confirmed = await deviceAlarms.acknowledge({ alarm, occurrence, by, ...(note === undefined ? {} : { note }) });
        if (done !== undefined) access.note(done);
        return confirmed;
      }
      if (action.kind === 'mute') mustExist(action.scope, inForce.current);
      let refusal: TandemError | undefined;
      const seq = publisher.recordWith((draft) => {
        refusal = alarmDesk.act(action, by, draft);
        if (refusal === undefined && done !== undefined) draft.log('audit', record(done));
      });
      if (refusal !== undefined) throw refusal;
      if (action.kind === 'mute' || action.kind === 'unmute') deviceAlarms.look();
      return { held: await pair.sync.confirm(Math.max(seq, state.position.seq)) };
    },
    history: async ({ point, fromMs, toMs, limit }) => store.history.query(known(point).name, fromMs, toMs, limit),
    aggregates: async ({ point, fromMs, toMs, everyMs }) => {
      const { name } = known(point);
      const aggregator = new Aggregator(fromMs, toMs, everyMs);
      const before = await store.history.inForce(name, fromMs - 1);
      if (before !== undefined) aggregator.feed(Columns.of([before]));
      for await (const columns of store.history.columns(name, fromMs, toMs - 1)) aggregator.feed(columns);
      // Nothing is known of what is still to come.
      return aggregator.finish(Math.min(toMs, Math.max(fromMs, pairClock.now())));
    },
    schedules: (days) => scheduleViews(inForce.current.schedules, inForce.current.calendars, state, pairClock.now(), days),
    graphics: graphicsOf(inForce, configuration),
    logic,
    alarmJournal: (before) => store.logEntries('alarm', before),
    notifications: async (limit) => ({
      pending: [...state.keyed.entries(OUTBOX_PREFIX)].map(([, value]) => value as unknown as PendingNotification),
      log: await store.logs('notification', limit),
    }),
    notification: async (action, by) => {
      if (pair.currentRole !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: ask the other one');
      let refusal: TandemError | undefined;
      const seq = publisher.recordWith((draft) => (refusal = outbox.act(action, by, draft)));
      if (refusal !== undefined) throw refusal.code === 'NOTIFICATION_UNKNOWN' ? await settled(store, seq, action.id, refusal) : refusal;
      return { held: await pair.sync.confirm(seq) };
    },
    alarmFigures: async (options) => figuresOf(store, state, options),
    alarmDefinition: (name) => {
      const { alarms } = inForce.current;
      let byName = definitions.get(alarms);
      // Asked for each alarm of a list, and there may be ten thousand.
      if (byName === undefined) definitions.set(alarms, (byName = new Map(alarms.map((alarm) => [alarm.name, alarm]))));
      return byName.get(name);
    },
    switchOver: async (by, reason) => pair.switchOver(by, reason),
    activities,
    discovery,
    control: pair.control,
    servesReaders: () => pair.currentRole === 'active' || node.mode === 'reader' || inForce.settings.current.loadSharing !== false,
    settings: () => inForce.settings.rows(node, trust === undefined ? 'off' : 'on'),
    verification: {
      start: (by, historyMs) => pair.verifier.start(by, historyMs),
      report: () => pair.verifier.report,
    },
    ...(configuration === undefined ? {} : { configuration }),
    decisions: {
      events: async (limit, before) => (await store.events.list(limit, before)).map(({ number, event }) => ({ number, ...(event as unknown as RedundancyEvent) })),
      conflicts: () => conflicts.list(),
      adopt: async (id, by) => conflicts.adopt(id, by),
      dismiss: async (id, by) => conflicts.dismiss(id, by),
      dismissAll: async (ids, by) => conflicts.dismissAll(ids, by),
    },
    devices,
    areas: () => inForce.current.areas ?? [],
    metrics: () => metricsOf({ status: pair.status(), devices: devices(), points: state.table.size, alarms: [...state.keyed.entries(ALARM_PREFIX)].map(([, value]) => value as unknown as WireAlarm), unknownExpressions: unknownExpressions(), clients: connectedClients(), bufferedBytes: bufferedBytes(), process: health?.() }),
    partners: {
      table: () => pair.desk.table(connectedClients()),
      change: async (symbol, settings, by) => pair.desk.change(symbol, settings, by),
      tryToConnect: async (symbol) => pair.desk.tryToConnect(symbol),
    },
    trust: node.mode === 'independent' ? undefined : trustControl(pair, trust),
    identify: async (device) => field.identify(device),
    access,
  };
}
