/** The driver's keys of device and point blocks, and their parsed forms. */
import { z } from 'zod';
import { durationMs, TandemError, type Address, type ParseContext, type ParsedPoint } from '../../src/contract/index.js';
import { alarmsShape, alarmSettings, recipientsShape, type AlarmSettings } from './alarm-settings.js';
import { MAX_APDU } from './apdu.js';
import type { Route } from './npdu.js';
import { objectOf } from './object-names.js';
import { kindOf, objectKindNamed, objectKindNames, propertyNamed, propertyNames, type Encoding, type ObjectKind } from './object-types.js';
import type { Plug } from './plug.js';
import { timeSyncShape, type TimeSyncSettings } from './time-sync.js';
import type { ObjectId } from './values.js';

const BACNET_PORT = 47_808;
const TREND_LOG = 20;
const LEAST_SYNC_MS = 60_000;

const mac = z.union([z.int().min(0).max(255), z.string().regex(/^[0-9a-fA-F]{2}([:-]?[0-9a-fA-F]{2}){0,17}$/, { error: 'a MAC: 5 (MS/TP) or hexadecimal octets, 0a:14:01:05:ba:c0' })]);

export const deviceShape = {
  instance: z.int().min(0).max(4_194_302),
  host: z.string().min(1).optional(),
  port: z.int().min(1).max(65_535).optional(),
  host2: z.string().min(1).optional(),
  port2: z.int().min(1).max(65_535).optional(),
  route: z.strictObject({ network: z.int().min(1).max(65_534), mac }).optional(),
  timeout: durationMs.default(3_000),
  retries: z.int().min(0).max(10).default(2),
  maxInFlight: z.int().min(1).max(4).optional(),
  maxApdu: z.int().min(50).max(MAX_APDU).optional(),
  cov: z.boolean().default(true),
  covLifetime: durationMs.default(300_000),
  covConfirmed: z.boolean().default(false),
  alarms: alarmsShape.default(false),
} satisfies z.ZodRawShape;

export const pointShape = {
  object: z.string(),
  property: z.string().default('present-value'),
  covPriority: z.int().min(1).max(16).optional(),
  trendLog: z.string().optional(),
} satisfies z.ZodRawShape;

export interface BacnetDevice {
  readonly instance: number;
  /** Its fixed addresses, one or two; none: found by Who-Is. */
  readonly paths: readonly Address[];
  readonly route?: Route;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly maxInFlight: number;
  readonly maxApdu?: number;
  readonly cov: boolean;
  readonly covLifetimeMs: number;
  readonly covConfirmed: boolean;
  readonly plug: Plug;
  /** Absent: alarms of the device are not shown. */
  readonly alarms?: AlarmSettings | undefined;
  /** IANA name of the site's time zone. */
  readonly timezone: string;
  /** Of its line. */
  readonly timeSync?: TimeSyncSettings;
}

export interface BacnetAddress {
  readonly object: ObjectId;
  readonly property: number;
  readonly encoding: Encoding;
  readonly commandable: ObjectKind['commandable'];
  /** Who gets a subscription first where the device has few: 1 first, 16 last. */
  readonly covPriority?: number;
  /** The device's own log of it. */
  readonly trendLog?: ObjectId;
}

const plugShape = z.object({ address: z.ipv4().optional(), interface: z.string().min(1).optional(), port: z.int().min(0).max(65_535).optional(), broadcast: z.ipv4().optional(), deviceInstance: z.int().min(0).max(4_194_302).optional(), bbmd: z.strictObject({ host: z.ipv4(), port: z.int().min(1).max(65_535).default(BACNET_PORT), ttl: durationMs.default(300_000) }).optional() });

/** What a line of the site document may say to this driver. */
const lineShape = z.object({ recipients: recipientsShape.optional(), timeSync: timeSyncShape.optional() });

export function parseDevice(raw: Readonly<Record<string, unknown>>, { problems, line, plug, timezone = 'UTC' }: ParseContext): BacnetDevice | undefined {
  const parsed = z.object(deviceShape).safeParse(raw);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.error('CONFIG_INVALID', issue.message, issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step)));
    return undefined;
  }
  if (line !== undefined && line.kind !== 'bacnet-ip') {
    problems.error('CONFIG_REFERENCE', `a BACnet device needs a line of kind bacnet-ip, not ${line.kind}`, ['line']);
    return undefined;
  }
  const connected = readPlug(line, plug);
  if ('wrong' in connected) {
    problems.error('CONFIG_INVALID', connected.wrong, ['line']);
    return undefined;
  }
  const { instance, host, port, host2, port2, route, timeout, retries, maxInFlight, maxApdu, cov, covLifetime, covConfirmed, alarms } = parsed.data;
  if (timeout < 10 || covLifetime < 10_000) {
    problems.error('CONFIG_INVALID', timeout < 10 ? 'timeout must be at least 10ms' : 'covLifetime must be at least 10s', [timeout < 10 ? 'timeout' : 'covLifetime']);
    return undefined;
  }
  if (host === undefined && host2 !== undefined) {
    problems.error('CONFIG_INVALID', 'host2 is a second address: give the first one as host', ['host2']);
    return undefined;
  }
  const onLine = lineShape.safeParse(line ?? {});
  if (!onLine.success) {
    problems.error('CONFIG_INVALID', `the line's block is wrong: ${onLine.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(', ')}`, ['line']);
    return undefined;
  }
  if ((onLine.data.timeSync?.every ?? Infinity) < LEAST_SYNC_MS) {
    problems.error('CONFIG_INVALID', "the line's timeSync.every must be at least 1min", ['line']);
    return undefined;
  }
  return {
    instance, timezone, alarms: alarmSettings(alarms, onLine.data.recipients, connected), timeoutMs: timeout, retries, cov, covLifetimeMs: covLifetime, covConfirmed,
    maxInFlight: maxInFlight ?? (route === undefined ? 2 : 1), // behind a router there is usually one slow MS/TP bus
    plug: connected,
    paths: [...(host === undefined ? [] : [{ host, port: port ?? connected.linePort }]), ...(host2 === undefined ? [] : [{ host: host2, port: port2 ?? connected.linePort }])],
    ...(onLine.data.timeSync && { timeSync: { everyMs: onLine.data.timeSync.every, kind: onLine.data.timeSync.kind, to: onLine.data.timeSync.to } }),
    ...(maxApdu !== undefined && { maxApdu }),
    ...(route !== undefined && { route: { network: route.network, mac: macText(route.mac) } }),
  };
}

/** Where this node plugs a line in. @throws CONFIG_INVALID */
export function parsePlug(line: ParseContext['line'], plug: ParseContext['plug']): Plug {
  const read = readPlug(line, plug);
  if ('wrong' in read) throw new TandemError('CONFIG_INVALID', read.wrong);
  return read;
}

function readPlug(line: ParseContext['line'], plug: ParseContext['plug']): Plug | { readonly wrong: string } {
  const at = plugShape.safeParse(plug ?? {});
  if (!at.success) return { wrong: `the line's block in the node document is wrong: ${at.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(', ')}` };
  if (at.data.address !== undefined && at.data.interface !== undefined) return { wrong: "the line's block in the node document is wrong: give its address or its interface, not both" };
  const linePort = typeof line?.port === 'number' ? line.port : BACNET_PORT;
  const { address = '0.0.0.0', interface: card, port = linePort, broadcast, bbmd, deviceInstance } = at.data;
  const ttlS = Math.min(65_535, Math.max(10, Math.round((bbmd?.ttl ?? 0) / 1_000)));
  return {
    address, port, linePort,
    ...(card !== undefined && { interface: card }),
    ...(card === undefined && { broadcast: broadcast ?? (address.startsWith('127.') ? '127.255.255.255' : '255.255.255.255') }),
    ...(card !== undefined && broadcast !== undefined && { broadcast }),
    ...(bbmd && { bbmd: { host: bbmd.host, port: bbmd.port, ttlS } }), ...(deviceInstance !== undefined && { deviceInstance }),
  };
}

/** Made once: compiling a schema costs more than a hundred points read with it. */
const pointSchema = z.object(pointShape);

export function parsePoint(raw: Readonly<Record<string, unknown>>, _device: BacnetDevice, { problems }: ParseContext): ParsedPoint<BacnetAddress> | undefined {
  const parsed = pointSchema.safeParse(raw);
  if (!parsed.success) {
    for (const { path } of parsed.error.issues) {
      if (path[0] === 'covPriority') problems.error('CONFIG_INVALID', 'covPriority is 1 (first) … 16', ['covPriority']);
      else problems.error('CONFIG_INVALID', 'object is a text like AI:1', ['object']);
    }
    return undefined;
  }
  const match = /^\s*([A-Za-z][A-Za-z-]*)\s*[:,]\s*(\d{1,7})\s*$/.exec(parsed.data.object);
  const kind = match?.[1] === undefined ? undefined : objectKindNamed(match[1]);
  const instance = Number(match?.[2]);
  if (kind === undefined || !(instance <= 4_194_302)) {
    problems.error('CONFIG_ADDRESS', `"${parsed.data.object}" is no object: write AI:1 or analog-input,1; types are ${objectKindNames}`, ['object']);
    return undefined;
  }
  const property = propertyNamed(parsed.data.property, kind);
  if (property === undefined) {
    problems.error('CONFIG_ADDRESS', `"${parsed.data.property}" cannot be a point; properties are ${propertyNames}`, ['property']);
    return undefined;
  }
  const trendLog = parsed.data.trendLog === undefined ? undefined : objectOf(parsed.data.trendLog);
  if (parsed.data.trendLog !== undefined && trendLog?.type !== TREND_LOG) {
    problems.error('CONFIG_ADDRESS', `"${parsed.data.trendLog}" is no trend log: write TL:1`, ['trendLog']);
    return undefined;
  }
  const present = parsed.data.property.toLowerCase() === 'present-value';
  return {
    address: { object: { type: kind.type, instance }, property: property.id, encoding: property.encoding, commandable: present ? kind.commandable : 'never', ...(parsed.data.covPriority !== undefined && { covPriority: parsed.data.covPriority }), ...(trendLog && { trendLog }) },
    kind: kindOf(property.encoding),
  };
}

function macText(value: number | string): string {
  return typeof value === 'number' ? value.toString(16).padStart(2, '0') : value.replaceAll(/[:-]/g, '').toLowerCase();
}
