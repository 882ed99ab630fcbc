import type { Clock, Log, ReaderStatus, Timers } from '../contract/index.js';
import type { Frame, PairState, Publisher } from '../image/index.js';
import { packed } from './documents.js';
import type { ConfigurationReader } from './configuration-exchange.js';
import { answerWithHistory } from './history-fill.js';
import type { Journal } from './journal.js';
import { Leader } from './leader.js';
import type { LinkHello, LinkMessage } from './link-messages.js';
import type { ReaderLine } from './link-contract.js';

export interface ReadersOptions {
  readonly state: PairState;
  readonly journal: Journal;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly log: Log;
  readonly publisher: Publisher;
  readonly snapshot: () => Frame;
  readonly configuration?: ConfigurationReader | undefined;
  readonly isActive: () => boolean;
  readonly note: (what: string, evidence: string) => void;
}

interface Reader {
  readonly hello: LinkHello;
  leader?: Leader;
}

/**
 * R36: nodes that hold what the pair holds, for reading. The active feeds each like a standby that never gets in sync: it is
 * not asked, nothing waits for it, and it has no voice in who is active.
 */
export class Readers {
  private readonly readers = new Map<ReaderLine, Reader>();

  constructor(private readonly options: ReadersOptions) {}

  onUp(line: ReaderLine, hello: LinkHello): void {
    this.readers.set(line, { hello });
    this.options.note('reading node connected', `node ${hello.node}`);
  }

  onDown(line: ReaderLine): void {
    const reader = this.readers.get(line);
    if (reader === undefined) return;
    this.readers.delete(line);
    reader.leader?.end();
    this.options.note('reading node gone', `node ${reader.hello.node}`);
  }

  onMessage(line: ReaderLine, message: LinkMessage): void {
    const reader = this.readers.get(line);
    if (reader === undefined) return;
    const { configuration, isActive } = this.options;
    switch (message.type) {
      case 'follow':
        if (isActive()) this.lead(line, reader, message);
        return;
      case 'ack':
        return reader.leader?.acknowledged(message.applied, message.durable);
      case 'configuration-request': {
        const current = configuration?.current();
        if (current !== undefined) line.send({ type: 'configuration-document', document: packed(current) });
        return;
      }
      case 'history-ask':
      case 'logs-ask':
        // What it has been away for, and the journal does not have any more.
        return reader.leader === undefined ? undefined : this.answer(line, message);
      case 'switch-request':
        return line.send({ type: 'switch-result', id: message.id, refusal: 'a reading node has no part in who is active: ask the main or the backup' });
      default:
        // Everything else is between the two nodes of the pair.
        return;
    }
  }

  /** A frame that has just been cut, as bytes. */
  publish(frame: Frame, bytes: Uint8Array): void {
    for (const { leader } of this.readers.values()) leader?.publish(frame, bytes);
  }

  /** A beat of this node. */
  tell(status: LinkMessage): void {
    for (const line of this.readers.keys()) line.send(status);
  }

  /** This node leads no more; readers hear of it with the next beat and look for the one that does. */
  endLeading(): void {
    for (const reader of this.readers.values()) {
      reader.leader?.end();
      delete reader.leader;
    }
  }

  status(): ReaderStatus[] {
    return [...this.readers.values()].map(({ hello, leader }) => ({ id: hello.node, consoleUrl: hello.url, following: leader !== undefined, lagFrames: leader?.lagFrames ?? 0 }));
  }

  private answer(line: ReaderLine, message: Parameters<typeof answerWithHistory>[0]): void {
    const { journal, log } = this.options;
    answerWithHistory(message, journal, (page) => {
      if (this.readers.has(line)) line.send(page);
    }).catch((error: unknown) => log.error('a reading node could not be told its history', error));
  }

  private lead(line: ReaderLine, reader: Reader, { position, epochs }: Extract<LinkMessage, { type: 'follow' }>): void {
    const { state, journal, timers, clock, log, publisher, snapshot } = this.options;
    reader.leader?.end();
    const leader = new Leader({
      state,
      journal,
      timers,
      nowMs: () => clock.monotonicMs(),
      log: log.child(`reader ${reader.hello.node}`),
      epoch: state.position.epoch,
      send: (message) => line.send(message),
      sendFrame: (bytes) => line.sendFrame(bytes),
      bufferedBytes: () => line.bufferedBytes,
      cut: () => publisher.cut(),
      snapshot,
      onInSync: () => undefined,
      onAck: () => undefined,
      writeMark: async () => undefined,
      neverCounts: true,
    });
    reader.leader = leader;
    leader.follow(position, epochs).catch((error: unknown) => log.error('a reading node could not be fed', error));
  }
}
