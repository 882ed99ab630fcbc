import type { Channel } from '../contract/index.js';
import type { ReaderLine } from './link-contract.js';
import { isSpokenIn, type LinkHello } from './link-messages.js';

/** One connection, from its first byte on. */
export interface Session {
  readonly channel: Channel;
  /** This node has called: it is at the partner's own address. */
  readonly dialled: boolean;
  /** What a refused caller has greeted with. */
  theirs?: LinkHello;
  hello?: LinkHello;
  /** The protocol version that both speak. */
  version: number;
  goodbye: boolean;
  refused: boolean;
  /** It only reads. */
  reader?: ReaderLine;
  /** Why this node refused it, while the last words leave. */
  refusal?: string;
}

/** What a connection with a node that only reads can carry. */
export function readerLine(channel: Channel, version: number): ReaderLine {
  return {
    send: (message) => {
      if (isSpokenIn(version, message.type)) channel.send(JSON.stringify(message));
    },
    sendFrame: (bytes) => channel.send(bytes),
    get bufferedBytes() {
      return channel.bufferedBytes;
    },
  };
}
