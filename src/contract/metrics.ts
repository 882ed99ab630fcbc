/** One family of measurements, as Prometheus has them; units last in the name, after its habit (`_seconds`, `_bytes`, `_total`). */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

/** What the process itself uses. */
export interface ProcessHealth {
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** User and system time since the start. */
  readonly cpuSeconds: number;
  /** Longest stall of the event loop since it was last asked. */
  readonly loopStallMs: number;
}
