import type { Problem } from './problems.js';

/** Where a revision of the site configuration came from. */
export interface ConfigurationOrigin {
  readonly how: 'file' | 'edit' | 'rollback';
  /** Node on which it came into force first. */
  readonly node: string;
  /** Who asked for it. */
  readonly user: string;
  /** Pair time, milliseconds since 1970. */
  readonly timeMs: number;
  readonly comment: string;
  /** Path of the file, as its node wrote it. */
  readonly file?: string;
}

/** A revision of the site configuration as both nodes hold it, without its text. */
export interface ConfigurationInfo {
  /** 16 hexadecimal digits: what the document means. Comments and layout do not count. */
  readonly revision: string;
  /** Counts changes from 1; unlike the revision it never comes again. */
  readonly number: number;
  readonly origin: ConfigurationOrigin;
  /** Digest of the points' names in the order of their ids: a version that reads the document differently is found out. */
  readonly points: string;
}

export interface ConfigurationDocument extends ConfigurationInfo {
  /** YAML as it was written, comments kept. */
  readonly text: string;
}

/** One definition that differs between two revisions. */
export interface ConfigurationChange {
  readonly section: string;
  /** Name within the section; its place (from 0) where the section is a list; empty for a section that is one block. */
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
}

export interface ConfigurationDiff {
  readonly from: ConfigurationInfo;
  readonly to: ConfigurationInfo;
  readonly changes: readonly ConfigurationChange[];
  /** The texts line by line, as a unified patch. */
  readonly patch: string;
}

/** What a check of a text found; nothing is applied by it. */
export interface ConfigurationCheck {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  /** Absent where there is an error. */
  readonly revision?: string;
}

/** A site file on a node that is neither the configuration in force nor known as its origin: changed by hand. */
export interface ConfigurationCandidate {
  readonly file: string;
  readonly node: string;
  readonly revision?: string;
  readonly problems: readonly Problem[];
}
