import type { NodeConfig } from '../contract/index.js';
import type { Licence } from './licence.js';
import type { SourceDocument } from './source-document.js';

/** Where a line is plugged in on one machine. */
export type Plug = Readonly<Record<string, unknown>>;

/** A checked node document: what the gateway needs of it, and what the site's devices need. */
export interface NodeDocument {
  readonly config: NodeConfig;
  readonly lines: ReadonlyMap<string, Plug>;
  /** Where devices without a line leave from. */
  readonly field?: Plug;
  /** Limits what this node may run; without one everything that is installed. */
  readonly licence?: Licence;
  readonly source: SourceDocument;
}
