import { messageOf, type ConfigurationDocument, type Log, type Problem, type Random, type Timer, type Timers } from '../contract/index.js';
import { packed, unpacked } from './documents.js';
import type { LinkMessage } from './link-messages.js';

/** What the pair is told about configurations by the one who can read them (src/gateway). */
export interface ConfigurationReader {
  /** The document in force. */
  current(): ConfigurationDocument | undefined;
  /** Reads and checks a document as this node would run it. Without an error among the problems it may come into force from then on. */
  prepare(document: ConfigurationDocument): Promise<readonly Problem[]>;
  /** What a person has started this node with because the document in force cannot be run here: it takes its place with the first frame of an activation. */
  replacement?(): ConfigurationDocument | undefined;
}

export interface ExchangeOptions {
  readonly reader: ConfigurationReader;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly send: (message: LinkMessage) => void;
  readonly note: (what: string, evidence: string) => void;
}

/** `lost`: the connection that it was asked on has ended. `late`: it is there, and has not answered in time. */
export type StandbyAnswer = readonly Problem[] | 'lost' | 'late';

/** A document that this node cannot run is asked for again so often: it may have been changed. */
const RETRY_MS = 30_000;

/**
 * Documents between the two nodes (rule 12). The active asks the standby whether it could run a document before it puts
 * it into force; a standby that is about to follow an active of another revision reads that one's document first, so
 * that it is ready for the snapshot which brings it.
 */
export class ConfigurationExchange {
  /** Questions on the present connection. */
  private readonly waiting = new Map<string, (answer: StandbyAnswer) => void>();
  /** Revision of the active that is being fetched, or could not be run. */
  private fetching: string | undefined;
  private refusal: string | undefined;
  private then: (() => void) | undefined;

  constructor(private readonly options: ExchangeOptions) {}

  /** Why this standby cannot follow; for people. */
  get reason(): string | undefined {
    return this.refusal;
  }

  /** On the active: what the standby finds wrong with a document. Its answer is waited for as long as the connection holds, `patienceMs` at the most. */
  async checkAtStandby(document: ConfigurationDocument, patienceMs: number): Promise<StandbyAnswer> {
    const { timers, random, send } = this.options;
    const id = random.hex(8);
    let timer: Timer | undefined;
    const answer = await new Promise<StandbyAnswer>((resolve) => {
      this.waiting.set(id, resolve);
      timer = timers.after(patienceMs, () => resolve('late'));
      send({ type: 'configuration-check', id, document: packed(document) });
    });
    timer?.cancel();
    this.waiting.delete(id);
    return answer;
  }

  /** On the standby: reads the document of the active, then goes on. Nothing happens while that is under way. */
  fetch(revision: string, then: () => void): void {
    if (this.fetching === revision) return;
    this.fetching = revision;
    this.then = then;
    this.options.send({ type: 'configuration-request' });
  }

  /** The connection is gone, and with it every answer. */
  reset(): void {
    this.fetched();
    for (const resolve of this.waiting.values()) resolve('lost');
  }

  private fetched(): void {
    this.fetching = undefined;
    this.then = undefined;
  }

  /** Takes the messages that are about documents; false for others. */
  receive(message: LinkMessage): boolean {
    switch (message.type) {
      case 'configuration-check':
        this.answer(message.id, unpacked(message.document));
        return true;
      case 'configuration-checked':
        this.waiting.get(message.id)?.(message.problems as readonly Problem[]);
        return true;
      case 'configuration-request': {
        const current = this.options.reader.current();
        if (current !== undefined) this.options.send({ type: 'configuration-document', document: packed(current) });
        return true;
      }
      case 'configuration-document':
        this.take(unpacked(message.document));
        return true;
      default:
        return false;
    }
  }

  private answer(id: string, document: ConfigurationDocument): void {
    const { number } = document;
    const said = (problems: readonly Problem[]): void => this.options.send({ type: 'configuration-checked', id, problems: [...problems] });
    // Where reading itself fails the active must not wait for an answer that never comes.
    this.read(document, said, (error) => said([{ code: 'CONFIG_REFUSED', message: `the standby could not read it: ${messageOf(error)}`, file: `configuration ${number}`, line: 1, column: 1, path: '', severity: 'error' }]));
  }

  private take(document: ConfigurationDocument): void {
    const { then } = this;
    // Another connection, or another revision, has come meanwhile.
    const isOutdated = (): boolean => then === undefined || this.then !== then;
    const refuse = (why: string): void => {
      if (isOutdated()) return;
      const reason = `this node cannot run configuration ${document.number} (${document.revision}) of the active node: ${why}`;
      if (this.refusal !== reason) this.options.note('cannot follow', reason);
      this.refusal = reason;
      this.options.timers.after(RETRY_MS, () => {
        if (!isOutdated()) this.fetched();
      });
    };
    this.read(
      document,
      (problems) => {
        const error = problems.find(({ severity }) => severity === 'error');
        if (error !== undefined) return refuse(`${error.path} ${error.message}`);
        if (isOutdated()) return;
        this.fetched();
        this.refusal = undefined;
        then?.();
      },
      (error) => refuse(messageOf(error)),
    );
  }

  private read(document: ConfigurationDocument, done: (problems: readonly Problem[]) => void, failed: (error: unknown) => void): void {
    const { reader, log } = this.options;
    reader.prepare(document).then(done, (error: unknown) => {
      log.error(`configuration ${document.number} could not be read`, error);
      failed(error);
    });
  }
}
