import type { NodeConfig } from '../contract/index.js';
import type { SourceDocument } from './source-document.js';

/** Where a line is plugged in on one machine. */
export type Plug = Readonly<Record<string, unknown>>;

/** A checked node document: what the gateway needs of it, and what the site's devices need. */
export interface NodeDocument {
  readonly config: NodeConfig;
  readonly lines: ReadonlyMap<string, Plug>;
  /** Where devices without a line leave from. */
  readonly field?: Plug;
  readonly source: SourceDocument;
}
