import type { z } from 'zod';
import type { DriverHost } from './driver.js';
import type { DeviceDefinition } from './settings.js';

/** How a driver looks for what is on a line. */
export interface DriverDiscovery {
  /** Keys of a request besides `driver` and `line`; unknown ones are refused. */
  readonly shape: z.ZodRawShape;
  /** Looks around until done, or until the consumer stops. Reads only. Rejects with CONFIG_INVALID or a FIELD_… code. */
  run(host: DriverHost, request: DiscoveryRequest): AsyncIterable<DiscoveryEvent>;
  /** `devices` and `points` blocks of a site document for what was found; no name of `takenNames` is given again. */
  blocks(found: readonly DiscoveredDevice[], line: string, takenNames: Iterable<string>): string;
  /** Where there are files by which engineering tools tell each other what devices have. */
  readonly exchange?: DiscoveryExchange;
}

export interface DiscoveryExchange {
  /** `ede`, `register-map` */
  readonly format: string;
  /** Absent where such files are read only. */
  readonly write?: DiscoveryFileWriter;
  /** What has to be said of files beside what is in them; unknown keys are refused. */
  readonly importShape?: z.ZodRawShape;
  /** `options`: passed `importShape`. Rejects with CONFIG_SYNTAX, CONFIG_INVALID. */
  import(files: readonly ExchangeFile[], options: Readonly<Record<string, unknown>>): Promise<readonly DiscoveredDevice[]>;
}

export interface DiscoveryFileWriter {
  export(found: readonly DiscoveredDevice[], project: string, timeMs: number): readonly ExchangeFile[];
  /** Of the devices of a site that are of this driver; none where there are none. */
  exportSite(devices: readonly DeviceDefinition[], project: string, timeMs: number): readonly ExchangeFile[];
}

export interface ExchangeFile {
  readonly name: string;
  readonly text: string;
}

export interface DiscoveryRequest {
  /** Block of the line in the site document, where there is one. */
  readonly line?: Readonly<Record<string, unknown>> & { readonly kind: string };
  /** Where this node plugs it in. */
  readonly plug?: Readonly<Record<string, unknown>>;
  /** Passed {@link DriverDiscovery.shape}. */
  readonly options: Readonly<Record<string, unknown>>;
}

export type DiscoveryEvent =
  /** `total` is known late or never. */
  | { readonly kind: 'progress'; readonly done: number; readonly total?: number; readonly text: string }
  | { readonly kind: 'device'; readonly device: DiscoveredDevice };

/** A device that was found, for people and for {@link DriverDiscovery.blocks}. */
export interface DiscoveredDevice {
  /** Unique on its line, in the protocol's terms: `1200`. */
  readonly id: string;
  readonly address: string;
  readonly name: string;
  readonly vendor?: string;
  readonly model?: string;
  /** What else was found out about it, in a line. */
  readonly about?: string;
  readonly objects: readonly DiscoveredObject[];
  /** What a person should look at. */
  readonly problems: readonly string[];
  /** The driver's own form of it. */
  readonly detail: unknown;
}

export interface DiscoveredObject {
  /** In the notation of the driver's points. */
  readonly address: string;
  readonly name: string;
  readonly description?: string;
  readonly unit?: string;
  readonly states?: readonly string[];
  readonly commandable: boolean;
}
