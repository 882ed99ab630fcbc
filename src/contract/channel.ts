import type { CloseReason, Listener } from './network.js';
import type { Endpoint } from './settings.js';
import type { CertificateFace } from './trust.js';

/** An ordered stream of whole messages between two nodes: texts and bytes. */
export interface Channel {
  /** Address of the other end, for people. */
  readonly remote: string;
  /** What the other end has proved to own the key of; absent without TLS, or where it has shown none. */
  readonly certificate?: CertificateFace | undefined;
  /** Bytes accepted and not yet taken by the kernel. */
  readonly bufferedBytes: number;
  /** Bytes that have arrived, also of a message that is not whole yet; absent where that is not known. */
  readonly bytesReceived?: number;
  /** Who is at the other end is known: until then whoever sends more than a greeting takes is cut off. */
  admit?(): void;
  send(message: string | Uint8Array): void;
  /** Cuts the connection at once: nothing that is buffered is waited for. */
  destroy(): void;
}

export interface ChannelEvents {
  onOpen?(): void;
  onMessage(message: string | Uint8Array): void;
  /** Once, whatever the reason; nothing is called after it. */
  onClose(reason: CloseReason): void;
}

/** How nodes reach each other: WebSockets from src/platform, simulated ones in a simulation. */
export interface LinkTransport {
  /** `onInsecure`: somebody called without TLS where it is on. */
  listen(at: Endpoint, accept: (channel: Channel) => ChannelEvents, onInsecure?: (remote: string) => void): Promise<Listener>;
  dial(to: Endpoint, connectTimeoutMs: number, events: ChannelEvents): Channel;
}
