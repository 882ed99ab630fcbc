import { z } from 'zod';

/** How something was found: `unchecked` says why in `why`. */
const looked = z.object({ name: z.string(), state: z.enum(['reachable', 'unreachable', 'unchecked']), why: z.string() });
const endpoint = z.object({ host: z.string(), port: z.int() });

/** What a node finds wrong by itself with its own documents. */
const warning = z.object({ part: z.enum(['address', 'data-source']), text: z.string() });

/** What the gateway tells of a node for a verification. */
const inventory = z.object({
  /** Program, runtime, drivers, by name. */
  versions: z.record(z.string(), z.string()),
  /** Digest of the text that runs; absent where the configuration is fixed. */
  configuration: z.object({ revision: z.string(), number: z.int(), digest: z.string() }).optional(),
  /** The site file that waits for a person here. */
  candidate: z.string().optional(),
  /** Digest of each section of the site document, screens and logic among them. */
  sections: z.record(z.string(), z.string()),
  /** Digest of the console that this node serves. */
  console: z.string().optional(),
  devices: z.array(looked),
  database: looked,
  warnings: z.array(warning),
});

/** Everything that one node knows of itself and that is compared with the other one's. */
export const nodeFacts = inventory.extend({
  node: z.string(),
  role: z.enum(['starting', 'standby', 'active', 'yielding']),
  site: z.string(),
  url: z.string(),
  link: endpoint,
  consoleAt: endpoint,
  heartbeat: endpoint.optional(),
  partner: z.object({ symbol: z.string(), address: z.string(), port: z.int(), secondPath: endpoint.optional() }).optional(),
  /** Settings of the pair that this node was started with, as text. */
  settings: z.record(z.string(), z.string()),
  /** Other machines that this node needs, as it reaches them now. */
  network: z.array(looked),
  /** Why its history need not be the other one's. */
  historyGap: z.string().optional(),
});

export type Looked = z.infer<typeof looked>;
export type Inventory = z.infer<typeof inventory>;
export type NodeFacts = z.infer<typeof nodeFacts>;

export const historyDigests = z.array(z.tuple([z.string(), z.array(z.tuple([z.number(), z.int(), z.string()]))]));
export type HistoryDigests = z.infer<typeof historyDigests>;

export interface HistoryRequest {
  /** From the first point after this one on, in the order of the store. */
  readonly after?: string | undefined;
  /** Up to this point; without it, as many as make a page. */
  readonly upTo?: string | undefined;
  /** Of this point alone. */
  readonly only?: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a verification needs of the gateway. */
export interface Inspector {
  /** Looks at devices and database, which may take seconds. */
  inventory(): Promise<Inventory>;
  /** Digests of stored history; see src/store/history/digest.ts. */
  history(request: HistoryRequest): Promise<{ readonly points: HistoryDigests; readonly next?: string }>;
  /** Definitions in which two documents differ, by name. */
  differences(ownText: string, theirText: string): Promise<readonly string[]>;
}
