/** What a verification looks at (R16). */
export type VerifiedPart = 'configuration' | 'screens' | 'logic' | 'settings' | 'version' | 'ports' | 'names' | 'history' | 'device' | 'database' | 'network' | 'address' | 'data-source';

/**
 * One thing that was found. `difference`: the two nodes differ, or one of them could not do its work; `warning`: it is the
 * same on both and unwise; `unchecked`: it could not be looked at, and why.
 */
export interface Finding {
  readonly part: VerifiedPart;
  readonly severity: 'difference' | 'warning' | 'unchecked';
  readonly text: string;
}

/** `GET /api/v1/redundancy/verify`: the comparison of the two nodes that is under way, or the last one. */
export interface VerificationReport {
  readonly state: 'not-verified' | 'running' | 'verified' | 'differences' | 'failed';
  /** How far the one that is under way has come, in words. */
  readonly progress?: string;
  /** The same counted: points whose history has been looked at, of so many. */
  readonly done?: number;
  readonly total?: number;
  /** Who asked for it, and at which node. */
  readonly by?: string;
  readonly node?: string;
  /** When it ended, milliseconds since 1970 UTC; 0 while there has been none. */
  readonly atMs: number;
  /** Differences first. Those of a result that has lapsed are kept to be read. */
  readonly findings: readonly Finding[];
  /** History that was compared, source times. */
  readonly history?: { readonly fromMs: number; readonly toMs: number; readonly points: number; readonly samples: number };
  /** Why the last result counts no longer. */
  readonly lapsed?: string;
  /** Why it failed. */
  readonly reason?: string;
}
