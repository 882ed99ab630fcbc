import { createHash } from 'node:crypto';
import type { LoadedSite, SourceFile } from '../config/index.js';
import { TandemError, type ConfigurationCandidate, type ConfigurationDocument, type ConfigurationInfo } from '../contract/index.js';

interface Parts {
  readonly node: string;
  readonly file: SourceFile | undefined;
  readonly current: () => ConfigurationDocument | undefined;
  readonly history: () => readonly ConfigurationInfo[];
  readonly readMark: () => Promise<unknown>;
  readonly writeMark: (digest: string) => Promise<void>;
}

export type WaitingFile = ConfigurationCandidate & { readonly text: string };

/** The site file of this node, where it was changed by hand. It is never put into force by itself (rule 12). */
export class SiteFile {
  /** What it means, where it is not in force and nobody has dismissed it. */
  private proposed: { readonly file: SourceFile; readonly loaded: LoadedSite } | undefined;

  constructor(private readonly parts: Parts) {}

  /** Looks at it once, at the start of the node: whether it was seen before. */
  async consider(loaded: LoadedSite | undefined): Promise<void> {
    const { file, readMark } = this.parts;
    if (file === undefined || loaded === undefined || (await readMark()) === digestOf(file.text)) return;
    this.proposed = { file, loaded };
  }

  waiting(): WaitingFile | undefined {
    const { proposed, parts } = this;
    const current = parts.current();
    if (proposed === undefined || current === undefined) return undefined;
    const { file, loaded } = proposed;
    if (file.text === current.text || parts.history().some(({ revision }) => revision === loaded.site?.revision)) return undefined;
    return { file: file.path, node: parts.node, problems: loaded.problems, text: file.text, ...(loaded.site === undefined ? {} : { revision: loaded.site.revision }) };
  }

  /** @throws CONFIG_UNKNOWN */
  mustBeWaiting(): WaitingFile {
    const waiting = this.waiting();
    if (waiting === undefined) throw new TandemError('CONFIG_UNKNOWN', 'the site file of this node is not waiting for anybody');
    return waiting;
  }

  /** After a frame that may have brought a document: a file that says what the pair has had needs no attention any more. */
  async noticed(): Promise<void> {
    if (this.proposed !== undefined && this.parts.current() !== undefined && this.waiting() === undefined) await this.settle();
  }

  /** It needs no attention any more, until it changes again. */
  async settle(): Promise<void> {
    const { file, writeMark } = this.parts;
    this.proposed = undefined;
    if (file !== undefined) await writeMark(digestOf(file.text));
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
