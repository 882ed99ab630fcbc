import type { Observable } from 'rxjs';
import type { z } from 'zod';
import type { Clock, Random, Timers } from './clock.js';
import type { DeviceAcknowledgement, DeviceEventReport } from './device-event.js';
import type { DeviceLog } from './device-log.js';
import type { DeviceSchedules } from './device-schedule.js';
import type { DriverDiscovery } from './discovery.js';
import type { Log } from './log.js';
import type { Network } from './network.js';
import type { PointDefinition, PointValue, PollClass, ValueKind, WriteRules } from './point.js';
import type { PriorityView } from './priorities.js';
import type { Problems } from './problems.js';
import type { SampleBatch } from './samples.js';

/**
 * What a device may see of a node that is not active. `collect`: connect and read; `listen`: hold the
 * connection but ask nothing; `silent`: no traffic at all (exclusive connections, buses with one master).
 */
export type StandbyActivity = 'collect' | 'listen' | 'silent';

/** A protocol, as a plug-in. `Device` and `Address` are the driver's own parsed forms. */
export interface DriverModule<Device = unknown, Address = unknown> {
  /** As written in the site document, `driver: modbus-tcp`. */
  readonly kind: string;
  readonly version: string;
  readonly capabilities: DriverCapabilities;
  /** The driver's own keys of a device block; unknown keys are refused for it. */
  readonly deviceShape: z.ZodRawShape;
  /** The driver's own keys of a point; unknown keys are refused for it. */
  readonly pointShape: z.ZodRawShape;
  /**
   * Reads a device block that passed {@link deviceShape}. `line` is the block of the line that the device
   * names, `plug` where this node plugs that line in (node document). Reports what is wrong; undefined then.
   */
  parseDevice(raw: Readonly<Record<string, unknown>>, context: ParseContext): Device | undefined;
  /** Reads the driver's keys of a point that passed {@link pointShape}. */
  parsePoint(raw: Readonly<Record<string, unknown>>, device: Device, context: ParseContext): ParsedPoint<Address> | undefined;
  /** Looks across the points of one device, e.g. for two that claim one register with different types. */
  checkPoints?(device: Device, points: readonly CheckedPoint<Address>[]): void;
  /** How it looks for devices; absent where the protocol has no way. */
  readonly discovery?: DriverDiscovery;
  /** The way that this device shares with others that name the same, where it has no line of its own: a gateway, a device server. */
  way?(device: Device): string;
  /**
   * How long a change of a point may go unnoticed by an active node beyond its poll period without anything being wrong,
   * milliseconds: where a device notifies only of changes that are larger than an increment which nobody here knows. 0
   * where it is left out.
   */
  unnoticedMs?(device: Device, point: DriverPoint<Address>): number;
  /** One driver per device. Opens nothing: {@link Driver.start} does. */
  create(host: DriverHost, device: Device, points: readonly DriverPoint<Address>[]): Driver;
}

export interface DriverCapabilities {
  /** Has a command priority array of its own (BACnet). */
  readonly priorities: boolean;
  /** The most that it can do on a standby. */
  readonly standby: StandbyActivity;
  /** Has addresses that can be written and not read (`write: {only: true}`). */
  readonly writeOnly?: true;
}

export interface ParseContext {
  readonly problems: Problems;
  readonly line?: Readonly<Record<string, unknown>> & { readonly kind: string };
  readonly plug?: Readonly<Record<string, unknown>>;
  /** IANA name of the site's time zone. */
  readonly timezone?: string;
}

export interface ParsedPoint<Address> {
  readonly address: Address;
  readonly kind: ValueKind;
  /** The protocol knows no write to that address: `write` on it is refused at check time. */
  readonly readOnly?: true;
}

export interface CheckedPoint<Address> extends ParsedPoint<Address> {
  readonly name: string;
  readonly write?: WriteRules;
  readonly problems: Problems;
}

export interface DriverPoint<Address = unknown> extends PointDefinition {
  readonly address: Address;
  /** An alarm watches it: where a device can tell of few changes by itself, these come first. */
  readonly alarmed?: true;
}

/** What the gateway gives to a driver. */
export interface DriverHost {
  readonly device: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly network: Network;
  /** Whether this device may have effects at this very moment: it is active, and the lease holds. Asked right before bytes leave. */
  readonly permit?: () => boolean;
  /** What the gateway knows of itself and the pair, by address of the driver `system`. */
  readonly facts?: () => ReadonlyMap<string, PointValue>;
  /** One instance for all devices of a node under `key`, made by the first that asks (a shared UDP socket). */
  shared<T extends SharedResource>(key: string, make: () => T): T;
}

export interface SharedResource {
  close(): Promise<void>;
}

/**
 * One device. The host owns cadence, back-off, staleness, the order of writes and the role; the driver
 * owns the protocol and its batching. Errors are {@link TandemError}s with a `FIELD_…` code.
 */
export interface Driver {
  /** Good values and per-point errors, in batches. What the device did not send never appears as good. */
  readonly samples$: Observable<SampleBatch>;
  /** Lets the driver connect. Resolves at once: being unreachable is a poll's result, not a failure to start. */
  start(activity: 'active' | 'collect' | 'listen'): void;
  /** Changes between collecting and acting on an open connection, without closing it. */
  setActivity(activity: 'active' | 'collect' | 'listen'): void;
  /** Closes everything; resolves when the device has no connection of ours left. A stopped driver may be started again. */
  stop(): Promise<void>;
  /**
   * Reads the points of one class once, all blocks, samples leaving through {@link samples$} as they come.
   * `reachable` false means that the device as a whole does not answer: the host backs it off and marks its
   * points. A point's own error is a sample of bad quality and leaves `reachable` true. Never rejects.
   * The host takes a point for stale that no sample confirms: what a subscription covers is said again after a poll
   * that proved the device alive, with its own source time.
   */
  poll(pollClass: PollClass): Promise<PollResult>;
  /** Writes one value; resolves once it is verified as the point's rules say. Rejects with a `FIELD_…` error. */
  write(request: WriteRequest): Promise<void>;
  /** Reads one point now, past every cache (read-back of a command in doubt). */
  read(point: number): Promise<PointValue>;
  /** Reads who commands a point, past every cache; absent where the protocol has no priorities. Rejects with POINT_NO_PRIORITIES or a `FIELD_…` code. */
  readPriorities?(point: number): Promise<PriorityView>;
  /** What the device reports of its own accord. A standby says nothing here: it confirms to the device and drops. */
  readonly events$?: Observable<DeviceEventReport>;
  /** The device has restarted while it was reachable, and may have lost what it was commanded. Said by an active driver only. */
  readonly restarts$?: Observable<DeviceRestart>;
  /** Acknowledges one transition at the device, with exactly its stamp. Rejects with a `FIELD_…` error or FENCED. */
  acknowledge?(acknowledgement: DeviceAcknowledgement): Promise<void>;
  /** Points whose past {@link readLog} can tell. */
  readonly loggedPoints?: readonly number[];
  /** What the device logged of a point between two times. Rejects with a `FIELD_…` error. */
  readLog?(point: number, fromMs: number, toMs: number): Promise<DeviceLog>;
  /** Schedules that the device runs itself, where its protocol has such. */
  readonly schedules?: DeviceSchedules;
  /** Asks the device what it is; absent where the protocol cannot. On demand only. Rejects with a `FIELD_…` code. */
  identify?(): Promise<readonly IdentityEntry[]>;
  /** Counters for people: requests, timeouts, malformed answers … */
  counters(): Readonly<Record<string, number>>;
}

export interface DeviceRestart {
  /** The device said so (BACnet clause 19.3); false where it is only likely, as by an I-Am that nobody asked for. */
  readonly certain: boolean;
}

/** One thing that a device says of itself: `vendor name`, `Schneider Electric`. */
export interface IdentityEntry {
  readonly name: string;
  readonly value: string;
}

export interface PollResult {
  readonly reachable: boolean;
  readonly points: number;
  /** Why it was not reachable. */
  readonly error?: string;
  /**
   * Of a device that does not answer: the driver itself keeps from asking it too often, so trying again soon costs
   * next to nothing, and finds a device that returned within a moment.
   */
  readonly paced?: true;
}

export interface WriteRequest {
  readonly point: number;
  /** null relinquishes: the driver's priority slot is given up. Only where the driver has priorities. */
  readonly value: PointValue | null;
  readonly priority: number;
  readonly timeoutMs: number;
  /**
   * Asked synchronously, right before bytes leave. False means that this node may have no effects any more:
   * nothing is sent and the write rejects with FENCED.
   */
  readonly permit: () => boolean;
}
