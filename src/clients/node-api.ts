import type { Observable } from 'rxjs';
import type { Activity, ActivityKind, ActivityProgress, ActivityResult, AlarmAction, AlarmDefinition, AlarmFigures, AreaDefinition, AuditNote, CertificateFace, ComparedDevice, ConfigurationCandidate, ConfigurationCheck, ConfigurationDiff, ConfigurationDocument, ConfigurationInfo, ConnectAttempt, DeviceCalendar, DeviceSchedule, DeviceScheduleEdit, DiscoveredObject, ExchangeFile, GraphicCheck, GraphicDefinition, GraphicInfo, HistoryBucket, IdentityEntry, KnownCertificate, KpiDefinition, Metric, LogicDryRun, LogicView, NotificationAction, PartnerTable, PendingNotification, PointAction, PointDefinition, PointOverride, PointValue, Position, PriorityView, RedundancyStatus, SettingInForce, Role, RowSettings, ScheduleView, SheetDialect, SheetDiff, SheetRequest, SheetSection, TrustAction, TrustStatus, VerificationReport } from '../contract/index.js';
import type { AccessApi } from './access-api.js';
import type { RecordApi } from './rest-record.js';
import type { Frame, LogEntry, PairState, Standing } from '../image/index.js';

/** What the clients folder is given of a node (by gateway.ts). */
export interface NodeApi {
  readonly site: string;
  readonly node: string;
  /** Image and keyed state, to read. May be ahead of what is visible. */
  readonly state: PairState;
  /** Current role, replayed to a new subscriber. */
  readonly role$: Observable<Role>;
  role(): Role;
  status(): RedundancyStatus;
  /** Console address of the other node. */
  peerUrl(): string | undefined;
  /** Further addresses under which this node's console may have been opened. */
  origins?(): readonly string[];
  /**
   * Frames in order, each once, as soon as clients may see them: on the active when the standby has them too
   * (or cannot be waited for), on a standby as they are applied. A frame with `snapshot` replaces everything.
   */
  readonly visible$: Observable<Frame>;
  /** Frames what is pending, so that the image may be read as of the returned position. */
  cut(): Position;
  /** Resolves when clients may see everything up to `seq`. */
  whenVisible(seq: number): Promise<void>;
  standingOf(position: Position): Standing;
  /** Log entries after `fromSeq` up to `toSeq`, frame by frame; undefined when the journal does not reach back that far. */
  logsBetween(fromSeq: number, toSeq: number): AsyncIterable<readonly LogEntry[]> | undefined;
  /** Rejects with the command's error; the write is confirmed when it resolves. */
  write(command: WriteCommand): Promise<Confirmation>;
  /**
   * Who commands a point: of the pair's own array, on either node; of a device's, read from it now. Rejects with NOT_ACTIVE,
   * POINT_UNKNOWN, POINT_NO_PRIORITIES or a FIELD_… code.
   */
  priorities(point: string): Promise<PriorityView>;
  /** The pair keeps the priority array of a point, because its device has none. */
  keepsPriorities(point: PointDefinition): boolean;
  /** What a person does to a point beside writing it. Rejects with NOT_ACTIVE, POINT_UNKNOWN, POINT_COMMANDABLE. */
  point(action: PointAction, by: string): Promise<Confirmation>;
  /** Everything that a person holds away from what it would be by itself. */
  overrides(): readonly PointOverride[];
  /** Pair time now, ms since 1970. */
  pairTime(): number;
  /**
   * What a person does to alarms. `done`: what the audit says once it is; in the same frame, so that neither is there without
   * the other, and no frame follows that the next confirmation would wait for. Rejects with ALARM_UNKNOWN, ALARM_REFUSED, NOT_ACTIVE, FENCED or, for a device's own, a FIELD_… code.
   */
  alarm(action: AlarmAction, by: string, done?: AuditNote): Promise<Confirmation>;
  /** Schedules and calendars that devices run themselves; asked of the device each time. */
  readonly deviceSchedules: {
    list(device: string): Promise<readonly string[]>;
    read(device: string, object: string): Promise<DeviceSchedule | DeviceCalendar>;
    /** Resolves when the device has it and reads so. */
    write(command: { readonly device: string; readonly object: string; readonly edit: DeviceScheduleEdit; readonly by: string }): Promise<Confirmation>;
  };
  history(query: HistoryQuery): Promise<readonly HistorySample[]>;
  /** Time-weighted figures over equal stretches of [fromMs, toMs), oldest first. */
  aggregates(query: AggregateQuery): Promise<readonly HistoryBucket[]>;
  /** What is in force and what is ahead, the preview for so many days. */
  schedules(days: number): readonly ScheduleView[];
  readonly graphics: GraphicsApi;
  /** Control programs. */
  readonly logic: {
    views(): readonly LogicView[];
    /** Rejects with NOT_ACTIVE, LOGIC_UNKNOWN, LOGIC_RUNNING. */
    restart(name: string, by: string): Promise<Confirmation>;
    /** Runs a program against recorded history, on either node. Rejects with LOGIC_UNKNOWN, LOGIC_TRIAL_TOO_LONG. */
    dryRun(request: { readonly name: string; readonly fromMs: number; readonly toMs: number; readonly program?: string }): Promise<LogicDryRun>;
  };
  /** Journal entries of kind `alarm`, newest first, older than the one with the id `before`. */
  alarmJournal(before?: string): AsyncIterable<LogEntry>;
  /** What waits to be sent, and what was sent or given up, newest first. */
  notifications(limit: number): Promise<{ readonly pending: readonly PendingNotification[]; readonly log: readonly LogEntry[] }>;
  /**
   * Sends one that waits now, or gives it up. Resolves when that is kept; sending follows, by whichever node is active. Rejects with
   * NOT_ACTIVE, NOTIFICATION_UNKNOWN, NOTIFICATION_SENDING, NOTIFICATION_SETTLED.
   */
  notification(action: NotificationAction, by: string): Promise<Confirmation>;
  alarmFigures(options: { readonly fromMs: number; readonly toMs: number; readonly operators: number }): Promise<AlarmFigures>;
  alarmDefinition(name: string): AlarmDefinition | undefined;
  /** Hands control to the other node. Rejects with SWITCH_REFUSED and the reason. */
  switchOver(by: string, reason: string): Promise<void>;
  readonly activities: ActivitiesApi;
  readonly discovery: DiscoveryApi;
  readonly control: RedundancyControl;
  /** Whether values, alarms and history are read here in the present role (R19). */
  servesReaders(): boolean;
  /** R11: each setting as this node goes by it. */
  settings(): readonly SettingInForce[];
  /** Absent where there is nobody to compare with. */
  readonly verification?: VerificationControl;
  /** Decisions of this node and conflicts of the pair. */
  readonly decisions?: RecordApi;
  /** Absent where the configuration is fixed. */
  readonly configuration?: ConfigurationApi;
  devices(): readonly DeviceStatus[];
  /** C11: the tree over the points, by its names. */
  areas(): readonly AreaDefinition[];
  /** Absent in mode independent. */
  readonly trust?: TrustControl | undefined;
  readonly partners?: PartnerControl | undefined;
  /** What a device says of itself, asked now. Rejects with NOT_ACTIVE, DEVICE_UNKNOWN, DEVICE_NO_IDENTIFICATION or a FIELD_… code. */
  identify(device: string): Promise<readonly IdentityEntry[]>;
  /** Measurements, as of now. */
  metrics(): readonly Metric[];
  /** Who may do what. */
  readonly access: AccessApi;
}

/** Pages of the plant (src/gateway/graphics.ts). */
export interface GraphicsApi {
  list(): readonly GraphicInfo[];
  get(name: string): GraphicDefinition | undefined;
  /** null where the site names none: then a client shows its own. */
  kpis(): readonly KpiDefinition[] | null;
  /** Of the site: where its days begin. */
  timezone(): string;
  /** What the configuration would be with this page, or this drawing of many, as it is written; nothing is changed. Rejects with CONFIG_UNKNOWN. */
  check(name: string, value: Readonly<Record<string, unknown>>, section: 'graphics' | 'drawings'): Promise<GraphicCheck>;
}

/** What the node is at that takes its time (src/gateway/activities.ts). */
export interface ActivitiesApi {
  /** What goes on for more than a second, and what failed lately; longest first. */
  list(): readonly Activity[];
  /** Lists something that begins now until it ends or fails. */
  begin(start: ActivityStart): ActivityHandle;
}

export interface ActivityStart extends ActivityProgress {
  readonly kind: ActivityKind;
  readonly subject?: string;
  /** Who asked for it. */
  readonly by?: string;
}

export interface ActivityHandle {
  /** In place of what was said before. */
  readonly report: (progress: ActivityProgress) => void;
  /** With a result it is listed for a minute more. */
  readonly end: (result?: ActivityResult) => void;
  readonly fail: (error: unknown) => void;
}

/** R16: comparing the two nodes. */
export interface VerificationControl {
  /** Begins; the report tells how it goes. `historyMs`: how much of the history is compared. Throws VERIFY_REFUSED. */
  start(by: string, historyMs: number): void;
  report(): VerificationReport;
}

/** R14, R15: the partner table. */
export interface PartnerControl {
  table(): PartnerTable;
  /** Rejects with PARTNER_UNKNOWN. */
  change(symbol: string, settings: RowSettings, by: string): Promise<void>;
  /** Rejects with PARTNER_UNKNOWN. */
  tryToConnect(symbol: string): Promise<ConnectAttempt>;
}

/** R12: whom this node trusts. */
export interface TrustControl {
  status(): TrustStatus;
  /** A person's decision, durable when it returns. Throws TRUST_UNKNOWN, TRUST_REFUSED. */
  act(action: TrustAction, fingerprint: string, by: string): KnownCertificate | undefined;
  /** Rejects with TRUST_REFUSED. */
  renew(by: string): Promise<CertificateFace>;
}

/** The site configuration as a document of the pair (src/gateway/configuration.ts). */
export interface ConfigurationApi {
  current(): ConfigurationDocument | undefined;
  candidate(): (ConfigurationCandidate & { readonly text: string }) | undefined;
  check(text: string): Promise<ConfigurationCheck>;
  apply(text: string, request: ConfigurationRequest): Promise<AppliedConfiguration>;
  /** `value` undefined removes. */
  edit(section: string, name: string, value: unknown, request: ConfigurationRequest): Promise<AppliedConfiguration>;
  definition(section: string, name?: string): Promise<unknown>;
  /** A section as a table for spreadsheets, with a byte-order mark. */
  sheet(section: SheetSection, dialect: SheetDialect): Promise<string>;
  sheetDiff(request: SheetRequest): Promise<SheetDiff>;
  /** `applied` is absent where the table changes nothing. */
  applySheet(sheet: SheetRequest, request: ConfigurationRequest): Promise<{ readonly diff: SheetDiff; readonly applied?: AppliedConfiguration }>;
  /** Days of an iCalendar file as a calendar writes them. Rejects with CALENDAR_INVALID. */
  holidays(text: string, years: { readonly fromYear: number; readonly toYear: number }): Promise<{ readonly dates: readonly unknown[]; readonly notes: readonly string[] }>;
  history(): readonly ConfigurationInfo[];
  document(number: number): ConfigurationDocument;
  diff(from: number, to: number): Promise<ConfigurationDiff>;
  /** From what is in force to a text that is not stored. */
  diffText(text: string): Promise<ConfigurationDiff>;
  rollback(number: number, request: ConfigurationRequest): Promise<AppliedConfiguration>;
  applyCandidate(request: ConfigurationRequest): Promise<AppliedConfiguration>;
  dismissCandidate(): Promise<void>;
}

export interface ConfigurationRequest {
  /** Who asks, for the history and the audit. */
  readonly by: string;
  readonly comment: string;
  /** Revision on which the change was made; refused when another one is in force by now. */
  readonly expected: string;
  readonly file?: string;
}

export interface AppliedConfiguration extends ConfigurationInfo {
  readonly held: Confirmation['held'];
}

export interface WriteCommand {
  readonly id: string;
  readonly point: string;
  readonly value: PointValue | null;
  readonly priority?: number;
  readonly by: string;
  /** Epoch number in which the client first sent it. */
  readonly epoch: number;
  /** Nonce of that epoch, where the client tells. */
  readonly nonce?: string;
  /** Only of the gateway's own writers, see CommandRecord. */
  readonly writer?: string;
  readonly isRoutine?: boolean;
  /** Pair time at which its slot is given up by itself. */
  readonly untilMs?: number;
  readonly reason?: string;
  readonly expiryOf?: number;
}

/** `protected`: both nodes hold it on disk. */
export interface Confirmation {
  readonly held: 'protected' | 'unprotected';
}

export interface HistoryQuery {
  readonly point: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}

export interface AggregateQuery {
  readonly point: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly everyMs: number;
}

export interface HistorySample {
  readonly timeMs: number;
  readonly value: PointValue;
  readonly quality: number;
}

/** Looking for devices in the field; each call throws what is wrong. */
export interface DiscoveryApi {
  start(request: DiscoveryStart): DiscoveryView;
  get(id: string): DiscoveryView | undefined;
  /** Ends it; what was found so far stays. */
  cancel(id: string): DiscoveryView | undefined;
  /** What exchange files of a driver (EDE) name, as if it had been found. */
  import(request: DiscoveryImport): Promise<DiscoveryView>;
  /** Exchange files of what was found; undefined for one that is not remembered. */
  files(id: string): ExchangeView | undefined;
  /** Exchange files of the site's own devices of a driver. */
  siteFiles(driver: string): ExchangeView;
  /** The site document with what was found added to it, of `devices` (their ids) only where that is given; undefined as {@link files}. */
  document(id: string, text: string, devices?: readonly string[]): Promise<string | undefined>;
}

export interface DiscoveryImport {
  readonly driver: string;
  readonly line?: string;
  readonly files: readonly ExchangeFile[];
  /** What has to be said of the files beside what is in them; the driver's own. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ExchangeView {
  /** `ede` */
  readonly format: string;
  readonly files: readonly ExchangeFile[];
}

export interface DiscoveryStart {
  readonly driver: string;
  /** Name of a line of the site. */
  readonly line?: string;
  /** Where it is plugged in, in place of what the node document says. */
  readonly plug?: Readonly<Record<string, unknown>>;
  /** The driver's own: `range`, `wait` … */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface DiscoveryView {
  readonly id: string;
  readonly driver: string;
  readonly line: string | null;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  /** ISO 8601. */
  readonly started: string;
  /** Devices read so far, of so many where that is known. */
  readonly done: number;
  readonly total: number | null;
  readonly text: string;
  readonly error: string | null;
  readonly devices: readonly DiscoveredView[];
  /** `devices` and `points` of a site document, YAML; null while it runs. */
  readonly blocks: string | null;
}

export interface DiscoveredView {
  readonly id: string;
  readonly address: string;
  readonly name: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly about: string | null;
  readonly objects: readonly DiscoveredObject[];
  readonly problems: readonly string[];
}

/** One poll class of a device: what was wanted, and what came of it; milliseconds. */
export interface PollCycle {
  readonly poll: 'fast' | 'normal' | 'slow';
  readonly periodMs: number;
  readonly cycleMs: number;
  readonly longestCycleMs: number;
  readonly pollMs: number;
  readonly longestPollMs: number;
  readonly overruns: number;
  readonly missed: number;
}

export interface DeviceStatus {
  /** R10, `hot`: whether the standby reads the same of it; on both nodes. */
  readonly comparison?: Omit<ComparedDevice, 'name'>;
  readonly name: string;
  readonly driver: string;
  readonly activity: 'active' | 'collect' | 'listen' | 'silent';
  readonly online: boolean;
  readonly lastError?: string;
  readonly points: number;
  /** How each poll class keeps to its period; docs/rest-api.md. */
  readonly cycles: readonly PollCycle[];
  readonly counters: Readonly<Record<string, number>>;
}

/** What a person may do with the pair beside switching. */
export interface RedundancyControl {
  /** Rejects with SWITCH_REFUSED. */
  force(by: string, reason: string): Promise<void>;
  /** Rejects with NOT_ACTIVE. */
  hold(by: string, reason: string, forMs: number): Promise<void>;
  /** Rejects with NOT_ACTIVE. */
  release(by: string): Promise<void>;
  /** Begins; the report is in the status. Rejects with SWITCH_REFUSED and NOT_ACTIVE. */
  drill(by: string): Promise<void>;
}
