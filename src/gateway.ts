import { combineLatest, EMPTY, filter, skip, switchMap, type Subscription } from 'rxjs';
import { COMMUNICATION_LOST, isGood, TandemError, type AlarmAction, type DriverModule, type NotificationAction, type NotificationSettings, type Passwords, type SiteConfig, type Timer } from './contract/index.js';
import { createClientServer, type ClientServer } from './clients/index.js';
import { Field } from './field/index.js';
import { Desk, PointHolds, runFunctions, TrendMemory, VirtualPoints } from './functions/index.js';
import { createAccess } from './gateway/access/access.js';
import { Activities } from './gateway/activities.js';
import { createCommanding } from './gateway/commanding.js';
import { DeviceAlarms } from './gateway/device-alarms.js';
import { ComparedField } from './gateway/field-comparison.js';
import { DeadMan } from './gateway/dead-man.js';
import { Discoveries } from './gateway/discoveries.js';
import { OnReturn } from './gateway/on-return.js';
import { Configuration } from './gateway/configuration.js';
import { siteToStart } from './gateway/site-to-start.js';
import { Inspection } from './gateway/inspection.js';
import { notificationEffects } from './gateway/notification-effects.js';
import { nodeApi } from './gateway/node-api.js';
import type { Gateway, GatewayConfig, Platform } from './gateway/platform.js';
import { Logic } from './gateway/logic.js';
import { recordedIn } from './gateway/logic-trial.js';
import { keepWithinLimits } from './gateway/retention.js';
import { targetEffects } from './gateway/target-effects.js';
import { SiteInForce } from './gateway/site-in-force.js';
import { SystemFacts } from './gateway/system-facts.js';
import { directTexts } from './gateway/text-desk.js';
import { VirtualAddressKeeper } from './gateway/virtual-address.js';
import { TimeAhead } from './gateway/time-ahead.js';
import { Windback } from './gateway/windback.js';
import { EMPTY_TABLE, PairState, Publisher } from './image/index.js';
import { currentConfiguration, LATE_KEY, type Mark, Pair, PairClock, putLate, Trust } from './redundancy/index.js';
import { snapshotOf, Store } from './store/index.js';

export type { Gateway, GatewayConfig, Platform } from './gateway/platform.js';

/** Least distance of two frames under load, on average; in quiet a change is framed at once. */
const FRAME_MS = 20;
/** The same where points are polled more often than that. */
const SHORT_FRAME_MS = 10;
/** How often alarms look at their delays and trends at their intervals. */
const FUNCTION_TICK_MS = 100;
/** How long an acknowledgement waits, after a takeover, for a device to say what is left to be acknowledged. */
const CATCH_UP_MS = 5_000;
/** How often sessions that have ended are forgotten. */
const SWEEP_MS = 10 * 60_000;
const NO_PASSWORDS: Passwords = {
  hash: () => Promise.reject(new TandemError('USER_INVALID', 'this node was started without users')),
  matches: () => Promise.resolve(false),
};
/** Frames that wait for a disk that is too slow; with more of them polls wait, so that neither memory nor what a confirmation waits for grows. */
const STRAINED_BYTES = 16 << 20;
/** What waits is still shown, and given up by a person or after a day, where the configuration tells nobody any more. */
const NOBODY: NotificationSettings = { timezone: 'UTC', recipients: [], routes: [] };
const MIN_DISK_FREE_BYTES = 500e6;
const JOURNAL_BYTES = 128 << 20;
/** Replayed in under a second at the next start; a checkpoint of a large image costs as much as many frames. */
const CHECKPOINT_BYTES = 64 << 20;

/**
 * Puts a node together, in the order in which data flows: field → image → functions → store and standby →
 * clients. Nothing is left running when it rejects.
 * @throws PORT_IN_USE, DATA_LOCKED, STORE_FAILED, CONFIG_STORED, CONFIG_FILE, VIRTUAL_ADDRESS
 */
export async function createGateway(config: GatewayConfig, modules: readonly DriverModule[], platform: Platform): Promise<Gateway> {
  const { node } = config;
  const { clock, timers, random, network, log } = platform;

  const state: PairState = new PairState(EMPTY_TABLE, (frame) => inForce.tableOf(frame.revision));
  const pairClock = new PairClock(clock);
  /** Pair time of the last frame, and of the last one before the present activation. */
  let aliveMs = 0;
  let beforeEpochMs = 0;

  const store = new Store({ db: await platform.openDatabase(node.data), table: EMPTY_TABLE, log: log.child('store'), journalBytes: config.journal?.keptBytes ?? JOURNAL_BYTES, breathe: async () => new Promise<void>((resolve) => timers.afterIo(resolve)) });
  const { damaged, repaired } = await store.load(state);
  if (damaged !== undefined) log.warn(`the stored state ends early (${damaged}); the rest comes from the other node, and what lies beyond is merged`);
  if (repaired !== undefined) log.warn(`the disk gave back something damaged (${repaired}); nothing is lost, and the disk should be looked at`);
  if (damaged !== undefined || repaired !== undefined) store.events.append({ timeMs: clock.wallMs(), node: node.id, what: damaged === undefined ? 'store repaired' : 'store damaged', evidence: damaged ?? repaired ?? '' }, clock.wallMs());
  const { site, replacement } = await siteToStart(state.keyed, config.site, config.configuration).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const inForce: SiteInForce = new SiteInForce(site);
  state.retable(inForce.prepare(site));
  store.retable(state.table);
  let trendMemory = new TrendMemory(state.table.size, site.trends);
  const holds = new PointHolds(state);
  const virtualOf = ({ virtualPoints = [] }: SiteConfig): VirtualPoints => new VirtualPoints(virtualPoints, state, (point) => holds.has(point), () => pairClock.now());
  let virtual = virtualOf(site);
  pairClock.restore(state.pairTimeMs);
  aliveMs = state.pairTimeMs;
  const stored = damaged === undefined ? ((await store.readMark('mark')) as Mark | undefined) : undefined;

  const pins = [node.partner, node.otherPartner].flatMap((partner) => (partner?.fingerprint === undefined ? [] : [{ fingerprint: partner.fingerprint, name: partner.symbol }]));
  const trust = platform.trust === undefined ? undefined : new Trust({ store: platform.trust, node: node.id, pins, clock, log: log.child('trust') });

  const publisher = new Publisher({ state, clock, timers, pairTime: () => pairClock.now(), beforeCut: () => virtual.derive(), withSamples: (samples, pairTimeMs) => putLate(state.keyed.get(LATE_KEY), samples, pairTimeMs), get frameMs() { return inForce.current.polling.periodMs.fast < FRAME_MS ? SHORT_FRAME_MS : FRAME_MS; } });
  const activities: Activities = new Activities({ node: node.id, clock, sources: () => [...pair.work(), ...windback.work(), ...discovery.work()] });
  const configuration =
    config.configuration === undefined
      ? undefined
      : new Configuration({
          source: config.configuration,
          node: node.id,
          inForce,
          state,
          publisher,
          pair: () => pair,
          pairTime: () => pairClock.now(),
          readMark: async () => store.readMark('siteFile'),
          writeMark: async (digest) => store.writeMark('siteFile', digest),
          activities,
          log: log.child('configuration'),
          replacement,
        });
  await configuration?.considerFile({ problems: config.siteProblems ?? [], ...(config.site === undefined ? {} : { site: config.site }) });
  const texts = config.configuration?.texts ?? directTexts;
  const inspector = new Inspection({ node, site: () => inForce.current, configuration, texts, modules, field: () => field, store, timers, runtime: platform.runtime, consoleBuild: platform.consoleBuild });
  const pair: Pair = new Pair({
    inspector,
    reach: () => field.reach(),
    comparison: () => compared.report(),
    ...(configuration === undefined ? {} : { configuration }),
    site: site.name,
    node,
    settings: inForce.settings.current,
    live: inForce.settings,
    state,
    publisher,
    pairClock,
    journal: store,
    mark: stored ?? 'following',
    ...(config.protocol === undefined ? {} : { protocol: config.protocol }),
    witnessSecret: config.witnessSecret,
    lastPeerUrl: (await store.readMark('peerUrl')) as string | undefined,
    historyGap: await store.readMark('history-gap'),
    historyOwed: await store.readMark('history-owed'),
    clock,
    timers,
    random,
    network,
    transport: platform.transport,
    heartbeats: platform.heartbeats,
    witnessTransport: platform.witnessTransport ?? platform.transport,
    trust,
    rows: await store.readMark('rows'),
    log: log.child('redundancy'),
    keepEvent: (event) => store.events.append({ ...event }, event.timeMs),
    health: () => facts.health(),
    registers: {
      write: async (value) => field.beatRegister(idOf(registerOf(node.id)), value),
      read: async () => Number(await field.readRegister(idOf(registerOf(node.partner?.symbol ?? '')))),
    },
    snapshot: () => snapshotOf(state),
    quiesce: async () => {
      await Promise.race([commands.idle(), new Promise<void>((resolve) => timers.after(inForce.settings.current.failoverTimeMs / 2, resolve))]);
      await Promise.all([field.setRole('standby'), virtualAddress.release()]);
    },
  });
  const field: Field = new Field({ devices: site.devices, modules, polling: site.polling, clock, timers, random, log: log.child('field'), network, permit: pair.permit, facts: () => facts.facts(), strained: () => store.unwrittenBytes > (config.journal?.strainedBytes ?? STRAINED_BYTES) });
  const compared: ComparedField = new ComparedField({ node: node.id, site: () => inForce.current, modules, state, field: () => field, pair: () => pair, clock, pairTime: () => pairClock.now() });
  const { measure } = platform;
  const facts: SystemFacts = new SystemFacts({
    node: node.id,
    minDiskFreeBytes: node.minDiskFreeBytes ?? MIN_DISK_FREE_BYTES,
    clock,
    log: log.child('system'),
    measure: measure === undefined ? undefined : async () => measure(node.data),
    status: () => pair.status(),
    peer: () => pair.peerHealth,
    devices: () => field.devices(),
  });
  const virtualAddress = new VirtualAddressKeeper({ keeper: platform.addresses, interface: node.virtualInterface, clock, timers, log: log.child('virtual address'), permit: pair.permit, otherHasLetGo: async () => pair.otherHasLetGo() });
  const idOf = (point: string): number => {
    const known = state.table.find(point);
    if (known === undefined) throw new TandemError('POINT_UNKNOWN', `there is no point ${point} any more`);
    return known.id;
  };
  const registerOf = (id: string): string => inForce.current.redundancy.registers?.points[id] ?? '';
  const deadMan = new DeadMan({
    settings: () => inForce.current.redundancy,
    permit: () => pair.currentRole === 'active' && pair.permit(),
    pairTime: () => pairClock.now(),
    clock,
    log: log.child('dead man'),
    write: async (point, value) => field.write({ point: idOf(point), value }),
    ask: platform.ask,
  });
  const commanding = createCommanding({ state, publisher, pair, pairClock, field, inForce, modules, timers, log, idOf, virtual: () => virtual, holds });
  const { commands, pulses, points, drivers, hasOwnArray } = commanding;
  const timeAhead = new TimeAhead({ pairTime: () => pairClock.now(), deviceOf: (point) => state.table.byId(point).device, log: log.child('field') });
  const windback: Windback = new Windback({
    state,
    publisher,
    clock,
    timers,
    log: log.child('windback'),
    role: () => pair.currentRole,
    pairTime: () => pairClock.now(),
    trends: () => inForce.current.trends,
    loggedPoints: (device) => field.loggedPoints(device),
    readLog: async (point, fromMs, toMs) => timeAhead.logged(point, await field.readLog(point, fromMs, toMs)),
  });
  const deviceAlarms = new DeviceAlarms({
    state,
    publisher,
    timers,
    log: log.child('alarms'),
    devices: () => field.devices().map(({ name }) => name),
    lifeSafetyClasses: () => inForce.current.lifeSafetyClasses ?? [],
    role: () => pair.currentRole,
    pairTime: () => pairClock.now(),
    confirm: async (seq) => pair.sync.confirm(seq),
    acknowledge: async (device, acknowledgement) => {
      await pair.mayAct();
      await field.acknowledge(device, acknowledgement);
    },
    catchUpMs: CATCH_UP_MS,
  });
  const onReturn = new OnReturn({
    state,
    publisher,
    commands,
    devices: () => inForce.current.devices,
    role: () => pair.currentRole,
    read: async (point) => field.read(idOf(point)),
    readPriorities: async (point) => field.readPriorities(idOf(point)),
    hasPriorities: (driver) => drivers.get(driver) === true,
    pairTime: () => pairClock.now(),
    timers,
    random,
    log: log.child('field'),
  });
  /** Devices that answer this node as the active one. */
  const online = new Set<string>();
  const effects = targetEffects(commands, state, (device) => online.has(device));
  const logic = new Logic({
    site$: inForce.site$,
    current: () => inForce.current,
    state,
    publisher,
    effects,
    bounded: platform.bounded,
    timers,
    log: log.child('logic'),
    role: () => pair.currentRole,
    pairTime: () => pairClock.now(),
    confirm: async (seq) => pair.sync.confirm(seq),
    recorded: recordedIn(store.history),
    programs: platform.programs,
  });
  const messages = notificationEffects({
    messenger: platform.messenger,
    site: () => inForce.current,
    whenHeld: async () => pair.sync.confirm(state.position.seq),
    mayAct: async () => {
      if (!(await pair.mayAct())) throw new TandemError('FENCED', 'this node may not send now: it has to hear from its peer first');
    },
  });
  const alarmDesk = new Desk<AlarmAction>();
  const outbox = new Desk<NotificationAction>();
  const discovery: Discoveries = new Discoveries({ site: () => inForce.current, modules, field, texts, clock, activities, log: log.child('discovery') });
  const access = createAccess({
    areas: () => inForce.current.areas ?? [],
    state,
    publisher,
    pairTime: () => pairClock.now(),
    isActive: () => pair.currentRole === 'active',
    confirm: async (seq) => pair.sync.confirm(seq),
    auditLog: async (limit, before) => store.logs('audit', limit, before),
    keepEvent: (what, evidence) => store.events.append({ timeMs: pairClock.now(), node: node.id, what, evidence }, pairClock.now()),
    log: log.child('access'),
    node: node.id,
    partner: node.partner?.symbol,
    token: config.token,
    open: node.access === 'open',
    origins: node.origins ?? [],
    consoleUrl: node.url,
    setUpFile: config.setUpFile,
    passwords: platform.passwords ?? NO_PASSWORDS,
    random,
  });
  const clients: ClientServer = (platform.serveClients ?? createClientServer)({
    api: nodeApi({ activities, inForce, configuration, node, trust, unknownExpressions: () => virtual.unknown, connectedClients: () => clients.clients(), bufferedBytes: () => clients.bufferedBytes(), health: platform.health, documentChanged: platform.documentChanged, access, state, publisher, pair, pairClock, store, timeAhead, field, commands, points, hasOwnArray, deviceAlarms, alarmDesk, outbox, discovery, virtualAddress, logic }),
    listen: node.console,
    clock,
    timers,
    log: log.child('clients'),
    ...(platform.consoleFolder === undefined ? {} : { consoleFolder: platform.consoleFolder }),
    ...(platform.https === undefined ? {} : { https: platform.https }),
  });

  const checkpoint = async (): Promise<void> => {
    publisher.cut();
    state.keyed.dropTombstones(store.journalFloor - 1);
    await store.checkpoint(state);
  };
  // Each configuration that comes into force (rule 12), within the frame that brings it: everything below follows at once.
  state.tables$.subscribe((next) => {
    store.retable(next);
    inForce.enter(next.revision);
  });
  const isActive$ = pair.role$.pipe(filter((role) => role !== 'starting'));
  const subscriptions: Subscription[] = [
    inForce.site$.pipe(skip(1)).subscribe((next) => {
      const { devices, polling, trends, virtualAddress: address } = next;
      virtual = virtualOf(next);
      points.begin();
      // What this machine cannot do is an alarm while it is active.
      virtualAddress.configure(address).catch(() => undefined);
      trendMemory = new TrendMemory(state.table.size, trends);
      compared.configure();
      // Points may lie elsewhere now. (Not within the frame that brings it.)
      timers.after(0, () => deviceAlarms.look());
      field.reconfigure(devices, polling).catch((error: unknown) => log.error('field', error));
    }),
    field.samples$.subscribe((batch) => {
      const [first, quality = COMMUNICATION_LOST] = [batch.points[0], batch.qualities[0]];
      // A batch is of one device, and of all its points where it does not answer.
      if (first !== undefined && isGood(quality)) windback.seen(state.table.byId(first).device);
      publisher.ingest(holds.pass(timeAhead.live(batch)));
    }),
    field.collected$.subscribe((batch) => compared.take(batch)),
    field.deviceChanges$.subscribe(({ name, activity, online: answers }) => {
      if (answers && activity === 'active') online.add(name);
      else online.delete(name);
      if (activity === 'collect') pair.verifier.lapse(`device ${name} ${answers ? 'answers' : 'does not answer'} node ${node.id}`);
      if (activity !== 'active') return;
      windback.onDevice(name, answers);
      onReturn.deviceIs(name, answers);
      if (answers) points.deviceIsBack(name);
    }),
    field.restarts$.subscribe(({ device, certain }) => onReturn.restarted(device, certain)),
    field.events$.subscribe(({ device, report }) => deviceAlarms.take(device, report, (id) => state.table.byId(id))),
    pair.sync.frames$.subscribe((frame) => {
      trendMemory.observe(frame);
      compared.framed(frame);
      if (frame.puts.some(({ key }) => key.startsWith('epoch/'))) beforeEpochMs = aliveMs;
      aliveMs = frame.pairTimeMs;
      if (frame.snapshot === true) configuration?.noticed().catch((error: unknown) => log.error('configuration', error));
      if (store.bytesSinceCheckpoint > Math.max(config.journal?.checkpointBytes ?? CHECKPOINT_BYTES, state.table.size * 64)) {
        // Not within the frame: the cut that a checkpoint begins with would nest.
        timers.after(0, () => void checkpoint().catch((error: unknown) => log.error('checkpoint', error)));
      }
    }),
    // Going standby *is* unsubscription: nothing of the active's work is left then (R24).
    combineLatest([isActive$, inForce.site$, logic.engine$])
      .pipe(
        switchMap(([role, current]) =>
          role === 'active' ? runFunctions({ ...current, desk: alarmDesk, outbox, notifications: { settings: current.notifications ?? NOBODY, effects: messages }, isOnline: (device) => online.has(device), schedules: { ...current, effects }, logic: logic.options(current), systemAlarms: () => [...pair.systemAlarms(), ...virtualAddress.alarms(), ...deadMan.alarms(), ...facts.alarms()], state, memory: trendMemory, log: log.child('functions') }, publisher.drafts$) : EMPTY,
        ),
      )
      .subscribe(),
    isActive$.subscribe((role) => {
      virtualAddress.become(role === 'active');
      onReturn.reset();
      // Before the field says which devices are there.
      if (role === 'active') windback.takeOver(beforeEpochMs);
      // (What `yielding` does to the field is done in `quiesce`, which is waited for.)
      // A node that only reads touches no device, ever.
      if (role !== 'yielding' && node.mode !== 'reader') field.setRole(role === 'active' ? 'active' : 'standby').catch((error: unknown) => log.error('field', error));
      if (role !== 'active') return;
      access.activated();
      points.begin();
      commands.takeOver();
      pulses.takeOver();
      deviceAlarms.takeOver();
      configuration?.activated().catch((error: unknown) => log.error('configuration', error));
    }),
  ];
  const retention = keepWithinLimits(() => inForce.current, store, timers, () => pairClock.now(), log.child('history'));
  const sweeping = timers.every(SWEEP_MS, () => access.sweep());
  const ticking: { timer?: Timer } = {};
  const failed = new Promise<Error>((resolve) => store.failed$.subscribe(resolve));
  const stop = async (): Promise<void> => {
    ticking.timer?.cancel();
    discovery.stop();
    retention.cancel();
    sweeping.cancel();
    await pair.stop();
    await virtualAddress.release().catch((error: unknown) => log.error('the virtual address', error));
    await clients.stop();
    for (const subscription of subscriptions) subscription.unsubscribe();
    windback.stop();
    deviceAlarms.stop();
    pulses.stop();
    logic.stop();
    await field.setRole('stopped');
    await store.checkpoint(state).catch((error: unknown) => log.error('the last checkpoint', error));
    await store.close();
  };
  try {
    await virtualAddress.configure(site.virtualAddress);
    await clients.start();
    await pair.start();
  } catch (error) {
    await stop();
    throw error;
  }
  ticking.timer = timers.every(FUNCTION_TICK_MS, () => {
    points.tick();
    publisher.tick();
    deadMan.tick();
    facts.tick(FUNCTION_TICK_MS);
  });
  const stays = currentConfiguration(state.keyed);
  return { pair, clients, state, ...(replacement === undefined || stays === undefined ? {} : { replaced: { current: stays.number, by: replacement.number } }), candidate: configuration?.candidate()?.file, failed, stop };
}
