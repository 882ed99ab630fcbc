import type { HttpsFiles } from './https.js';
import type { AlarmDefinition, AreaDefinition } from './alarm.js';
import type { MessengerSettings, NotificationSettings } from './notification.js';
import type { NodeMode } from './redundancy-status.js';
import type { PollClass, PointDefinition } from './point.js';
import type { Expression } from './expression.js';
import type { GraphicDefinition, KpiDefinition } from './graphic.js';
import type { LogicDefinition } from './logic.js';
import type { VirtualPointDefinition } from './point-command.js';
import type { CalendarDefinition, ScheduleDefinition } from './schedule.js';
import type { DriverPoint, StandbyActivity } from './driver.js';
import type { VirtualAddress } from './virtual-address.js';

/** R10: what a standby does with the field by default; a device may do less. */
export type StandbyLevel = 'cold' | 'warm' | 'hot';

/** R21: who goes on where both nodes have been active. */
export type Arbitration = 'field' | 'longest-active' | 'main' | 'priority';

/** R31: control moves to a standby that reaches more of the field. */
export interface FieldSwitchSettings {
  /** Least weight of devices that only the standby reaches, less what only the active does. */
  readonly margin: number;
  /** How long that must last; each move of control within an hour doubles it. */
  readonly holdMs: number;
}

/** A third machine that two nodes ask for support (R26, rule 2 of the replication rules). */
export interface WitnessSettings extends Endpoint {
  /** T1: effects are allowed so long after the sending of a request that the other node or the witness echoed. */
  readonly leaseMs: number;
  /** T2: so long whoever echoed supports nobody else. (T1 + longest write)(1 + ρ) ≤ T2 (1 − ρ). */
  readonly promiseMs: number;
  /** Stated write flight: from the look at the lease to the device's having executed the write. */
  readonly longestWriteMs: number;
  /** A witness that is away this long is disarmed, where both nodes agree; then `withoutWitness` holds. */
  readonly disarmAfterMs: number;
}

/** R26: a register of each node, by node id, on devices that both nodes reach. */
export interface RegisterSettings {
  /** Names of the points. */
  readonly points: Readonly<Record<string, string>>;
  readonly everyMs: number;
}

/** C10: a register that the active node counts up. */
export interface WatchdogSettings {
  readonly point: string;
  readonly everyMs: number;
}

/** C10: a server that the active node tells that it lives. */
export interface DeadManSettings {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly everyMs: number;
}

/** To a server outside. */
export interface OutboundRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly timeoutMs: number;
}

/** Redundancy settings of the site; all durations in milliseconds. Defaults are safe on a real network. */
export interface RedundancySettings {
  readonly recovery: 'automatic' | 'manual';
  readonly recoveryHoldMs: number;
  /** Hand-backs within any hour before recovery turns manual, with an alarm. */
  readonly maxHandBacksPerHour: number;
  readonly activity: StandbyLevel;
  /** R10, `hot`: for so long, beyond some polls, a device must have answered the two nodes differently before it is told. */
  readonly compareHoldMs: number;
  readonly pingRateMs: number;
  readonly missedPings: number;
  /** Silence after which the other node counts as gone; `pingRateMs` × `missedPings` where it is left out. */
  readonly pingTimeoutMs?: number;
  /** Longest time that a takeover or a hand-over may need. */
  readonly failoverTimeMs: number;
  /** How long a starting node waits for its peer before it starts alone (mark `alone` only). */
  readonly connectionWaitMs: number;
  /** The same for a node that may have been overtaken (marks `paired`, `following`). */
  readonly staleWaitMs: number;
  /** What to do on silence without a witness. */
  readonly withoutWitness: 'prefer-availability' | 'prefer-safety';
  /** How long a confirmation waits for the standby before it is given as `unprotected`. */
  readonly confirmWaitMs: number;
  readonly witness?: WitnessSettings;
  readonly registers?: RegisterSettings;
  readonly watchdog?: WatchdogSettings;
  readonly deadMan?: DeadManSettings;
  /** How often control is switched there and back unattended, with a report (R35); 0: only on request. */
  readonly drillEveryMs: number;
  /** Calls in vain after which the other node is shown as at fault; slow calls never end. */
  readonly retryCount: number;
  /** How long a path of the other node may take to say whether anybody listens there. */
  readonly httpConnectTimeoutMs: number;
  /** How long a connection of the link may take to be greeted. */
  readonly webSocketTimeoutMs: number;
  /** Who goes on where both nodes have been active without each other. */
  readonly arbitration: Arbitration;
  /** Absent: control stays where it is, whatever the standby reaches. */
  readonly fieldSwitch?: FieldSwitchSettings;
  /** Difference of the nodes' wall clocks that is alarmed. */
  readonly clockSkewLimitMs: number;
  /** Load sharing (R19): the standby serves who only reads. Absent: it does. */
  readonly loadSharing?: false;
}

export interface PollingSettings {
  /** 0: as often as the device answers. */
  readonly periodMs: Readonly<Record<PollClass, number>>;
}

/** A condition of the system itself that needs a person: raised as an alarm `system/<name>` while it lasts. */
export interface SystemAlarm {
  readonly name: string;
  /** 1 (most urgent) … 4. */
  readonly priority: number;
  readonly message: string;
  /** What is over sooner is no alarm (on-delay of IEC 62682); without it the first moment is one. */
  readonly afterMs?: number;
}

export interface TrendDefinition {
  /** Ids of the points that it records. */
  readonly points: readonly number[];
  /** `triggered`: each time that a condition becomes true. */
  readonly mode: 'change' | 'interval' | 'triggered';
  /** Least change that is recorded, mode `change`. */
  readonly deadband: number;
  /** Interval, aligned to pair time (modes `interval`, and `triggered` while the condition holds; 0 none), or the longest time without a sample (mode `change`; 0 none). */
  readonly everyMs: number;
  /** Mode `triggered`. */
  readonly when?: { readonly expression: Expression; readonly text: string };
  /** How long its samples are kept. */
  readonly keepMs: number;
}

/** Room that the history of all points may take. */
export interface HistorySettings {
  readonly maxBytes: number;
}

/** A line of the site, and where this node plugs it in. */
export interface LineDefinition {
  readonly name: string;
  readonly line: Readonly<Record<string, unknown>> & { readonly kind: string };
  readonly plug?: Readonly<Record<string, unknown>>;
}

export interface DeviceDefinition {
  readonly name: string;
  /** Driver kind. */
  readonly driver: string;
  /** The driver's own parsed form. */
  readonly settings: unknown;
  /** What the standby does with it, after capability, device and site settings are combined. */
  readonly standby: StandbyActivity;
  /** R10, `hot`: what the standby collects of it is compared with the image. Only with `collect`. */
  readonly compare?: true;
  /** Points of the device, with their parsed addresses, in id order. */
  readonly points: readonly DriverPoint[];
  /** Deadline of one write, with its verification, milliseconds. */
  readonly writeTimeoutMs: number;
  /** What it counts for where two nodes are compared by what they reach; 1 where it is left out. */
  readonly weight?: number;
  /** Writes per second when what was commanded is written again after its return, the line's counted; 5 where it is left out. */
  readonly writeRate?: number;
  /** What it shares with others, as a line or a gateway: what is written again after a return goes there one after the other. */
  readonly way?: string;
}

/** A checked site document as one node runs it. Points are in id order; ids hold within `revision`. */
export interface SiteConfig {
  readonly name: string;
  readonly timezone: string;
  /** Address that goes with the role (R38). */
  readonly virtualAddress?: VirtualAddress;
  /** 16 hexadecimal digits: hash of the canonical document. The same on both nodes, or they do not pair. */
  readonly revision: string;
  readonly redundancy: RedundancySettings;
  readonly polling: PollingSettings;
  /** In the order of the document. */
  readonly lines?: readonly LineDefinition[];
  readonly devices: readonly DeviceDefinition[];
  readonly points: readonly PointDefinition[];
  /** Points without a device, each after those that it reads. */
  readonly virtualPoints?: readonly VirtualPointDefinition[];
  /** Every area that is declared, or that a point names. */
  readonly areas?: readonly AreaDefinition[];
  readonly alarms: readonly AlarmDefinition[];
  /** Classes of alarms that neither mutes nor quiet hours reach: of those that have no definition (alarms of devices). */
  readonly lifeSafetyClasses?: readonly string[];
  /** Who is told of alarms. */
  readonly notifications?: NotificationSettings;
  readonly trends: readonly TrendDefinition[];
  readonly history: HistorySettings;
  readonly calendars: readonly CalendarDefinition[];
  readonly schedules: readonly ScheduleDefinition[];
  readonly logic: readonly LogicDefinition[];
  /** Pages of the plant, each under the one that it lies under. */
  readonly graphics?: readonly GraphicDefinition[];
  /** Figures of the overview; absent where the site names none. */
  readonly kpis?: readonly KpiDefinition[];
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface PartnerConfig {
  readonly symbol: string;
  readonly address: string;
  /** Port of the sync link. */
  readonly port: number;
  /** Where its second heartbeat path listens (R18). */
  readonly secondPath?: Endpoint;
  /** Of its certificate, trusted without asking a person. */
  readonly fingerprint?: string;
}

/** A checked node document: this machine. */
export interface NodeConfig {
  readonly id: string;
  readonly mode: NodeMode;
  /** Data folder, absolute. */
  readonly data: string;
  readonly console: Endpoint;
  readonly link: Endpoint;
  /** Second, dedicated heartbeat path (R18): where this node listens. */
  readonly heartbeat?: Endpoint;
  /** How browsers and the peer's clients reach this node's console, e.g. `http://10.20.0.1:8080`. */
  readonly url: string;
  readonly partner?: PartnerConfig;
  /** Mode `reader`: the other node of the pair that it may read from. */
  readonly otherPartner?: PartnerConfig;
  /** This machine's own token, where it is given by configuration; else it is made at first start. */
  readonly token?: string;
  /** Whoever reaches the console port may read. Where it is not said, everybody signs in. */
  readonly access?: 'open';
  /** Origins of pages, beside the two consoles, that may ask from a browser. */
  readonly origins?: readonly string[];
  /** With `arbitration: priority`: 1 goes before 2. A main is 1 and a backup 2 where it is left out. */
  readonly priority?: number;
  /** The link is in the clear, and nobody's certificate is asked for. On where it is not said. */
  readonly tls?: 'off';
  /** Secret that it shares with the witness, or the file that holds it. */
  readonly witnessSecret?: string;
  readonly witnessSecretFile?: string;
  /** Room on the disk of the data folder below which it is an alarm. */
  readonly minDiskFreeBytes?: number;
  /** Interface of the site's virtual address; the one on its network where it is left out. */
  readonly virtualInterface?: string;
  /** Console, REST and WebSocket speak https with this certificate; in the clear where it is left out. */
  readonly https?: HttpsFiles;
  /** How this machine sends mails and webhooks. */
  readonly notifications?: MessengerSettings;
  /** What it is entitled to run (R3), `driver/modbus-tcp@1.0`; the other node is told. */
  readonly modules?: readonly string[];
}
