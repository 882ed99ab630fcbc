import type {
  AddressKeeper, Clock, HeartbeatCarrier, HttpsSource, LinkTransport, Log, Messenger, Network, NodeConfig, NodeHealth, OutboundRequest, Passwords, Problem, ProcessHealth, Random, RunBounded, SiteConfig, Timers,
} from '../contract/index.js';
import type { ClientServer, ClientServerOptions } from '../clients/index.js';
import type { Programs } from '../functions/index.js';
import type { PairState } from '../image/index.js';
import type { Pair, ProtocolRange, TrustStore } from '../redundancy/index.js';
import type { Database } from '../store/index.js';
import type { SetUpFile } from './access/set-up.js';
import type { ConfigurationSource } from './configuration-source.js';

/** What a gateway is given of the world: the real one from src/platform, or a simulated one. */
export interface Platform {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly network: Network;
  readonly transport: LinkTransport;
  /** How the witness is reached; what is said there is sealed already. As `transport` where absent. */
  readonly witnessTransport?: LinkTransport;
  /** Carries the second heartbeat path; needed where the node document has one. */
  readonly heartbeats?: HeartbeatCarrier;
  /** What the machine says of itself. */
  readonly measure?: (folder: string) => Promise<Pick<NodeHealth, 'diskFreeBytes' | 'memoryBytes'>>;
  /** Asks a server outside; needed where a dead man's handle is configured. */
  readonly ask?: (request: OutboundRequest) => Promise<number>;
  /** Sends mails and webhooks, where the node document says how. */
  readonly messenger?: Messenger;
  /** Sets the site's virtual address; needed where there is one. */
  readonly addresses?: AddressKeeper;
  readonly log: Log;
  /** Whether the node document is another one now than at the start. */
  readonly documentChanged?: () => boolean;
  /** What the process uses, for the metrics. */
  readonly health?: () => ProcessHealth;
  /** How passwords are kept. Without it nobody can be made a user. */
  readonly passwords?: Passwords;
  readonly openDatabase: (folder: string) => Promise<Database>;
  /** Own certificate and known ones, where the link has TLS; then `transport` must have it too. */
  readonly trust?: TrustStore;
  /** Ends control programs that hang. Where it is left out only their turns are counted. */
  readonly bounded?: RunBounded;
  /** The engine for control programs, where nobody may wait until it has been loaded (a simulation). */
  readonly programs?: Programs;
  /** Folder of the built console, where it is to be served. */
  readonly consoleFolder?: string;
  /** Where it is left out, console, REST and WebSocket are in the clear. */
  readonly https?: HttpsSource;
  /** Tells one build of the console from another; and the version of what runs the program: for verifications. */
  readonly consoleBuild?: string;
  readonly runtime?: string;
  /** How clients reach the node: HTTP and WebSockets (the default), or their sessions alone on a simulated network. */
  readonly serveClients?: (options: ClientServerOptions) => ClientServer;
}

export interface GatewayConfig {
  /** What the site file of this machine says; the node runs the pair's own configuration where it holds one. */
  readonly site?: SiteConfig | undefined;
  /** What is wrong with that file, where it is not used. */
  readonly siteProblems?: readonly Problem[];
  /** Without it the configuration is `site`, and cannot be changed while the pair runs. */
  readonly configuration?: ConfigurationSource;
  readonly node: NodeConfig;
  /** This machine's own token, of an administrator: who can read it is one anyway. */
  readonly token: string;
  /** Where the set-up code is kept until the first administrator is made. */
  readonly setUpFile?: SetUpFile;
  /** Bytes of journal that are kept, after which a checkpoint is taken, and that may wait for the disk before polls do; small ones let a simulation see it. */
  readonly journal?: { readonly keptBytes: number; readonly checkpointBytes: number; readonly strainedBytes?: number };
  /** Versions of the link's protocol to speak, where they are not all that this build knows. */
  readonly protocol?: ProtocolRange;
  /** Secret that the pair shares with its witness, where the site has one. */
  readonly witnessSecret?: string | undefined;
}

export interface Gateway {
  readonly pair: Pair;
  readonly clients: ClientServer;
  readonly state: PairState;
  /** Path of the site file where it was changed by hand, and so is not what runs. */
  readonly candidate: string | undefined;
  /** Numbers of configurations: the one in force, which cannot be run here, and the one that this node was started with instead. */
  readonly replaced?: { readonly current: number; readonly by: number };
  /** Settles when the node can go on no longer (its disk failed). */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}
