/** A guard, and what the compiled program looks like without it. */
export interface Mutant {
  readonly guard: string;
  /** What the guard is there for (ARCHITECTURE, the replication rules). */
  readonly rule: string;
  /** Each text occurs exactly once in its file, below `dist/`. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
  /** A letter of an invariant that must be among those found to be broken. */
  readonly breaks: RegExp;
}

/**
 * Every guard that the simulator must be able to miss. They are taken out of a copy of the compiled program, so that
 * there is no switch in it for anybody to reach (docs/decisions/simulation.md).
 */
export const mutants: readonly Mutant[] = [
  {
    guard: 'epoch nonce',
    rule: 'rule 1: two activations of one number are told apart',
    edits: [{ file: 'src/contract/position.js', find: 'return a.number === b.number && a.node === b.node && a.nonce === b.nonce;', replace: 'return a.number === b.number;' }],
    breaks: /\([cfg]\)/,
  },
  {
    guard: 'lease check',
    rule: 'rule 2: beside every effect, so that a node which was frozen has none',
    edits: [{ file: 'src/redundancy/lease.js', find: 'return this.open && this.renewedMs !== undefined && this.clock.monotonicMs() - this.renewedMs <= this.lengthMs;', replace: 'return this.open;' }],
    breaks: /\(b\)/,
  },
  {
    guard: 'self-fencing',
    rule: 'rule 2: after a freeze no effects until the peer has answered',
    edits: [{ file: 'src/redundancy/role-machine.js', find: 'if (state.role === \'active\' || state.promoting) {', replace: 'if (state.promoting) {' }],
    breaks: /\(b\)/,
  },
  {
    guard: 'durable acknowledgement',
    rule: 'rule 4: a standby acknowledges after fsync',
    edits: [{ file: 'src/redundancy/follower.js', find: 'durable: this.replacing === undefined ? Math.min(journal.durableSeq, state.position.seq) : 0', replace: 'durable: state.position.seq' }],
    breaks: /\(c\)/,
  },
  {
    guard: 'in-sync set',
    rule: 'rule 4: the active confirms alone only after it has taken the standby out of the set',
    edits: [{ file: 'src/redundancy/leader.js', find: 'async expel() {', replace: 'async expel() { return;' }],
    breaks: /\(c\)/,
  },
  {
    guard: 'irrevocable yield',
    rule: 'rule 10: once sent, only a promotion returns the role',
    edits: [
      { file: 'src/redundancy/role-machine.js', find: "state: without({ ...state, role: 'standby', promoting: false, inSync: true, mark: 'paired', owedToMain: false }", replace: "state: without({ ...state, role: 'active', promoting: false, inSync: true, mark: 'paired', owedToMain: false }" },
    ],
    breaks: /\([bcg]\)/,
  },
  {
    guard: 'push-first',
    rule: 'R7, rule 10: whoever gets control holds everything before',
    edits: [
      { file: 'src/redundancy/role-machine.js', find: '    if (!state.inSync)\n', replace: '    if (false)\n' },
      { file: 'src/redundancy/role-machine.js', find: "if (!state.owedToMain || !state.inSync || state.peer.mode !== 'main'", replace: "if (!state.owedToMain || state.peer.mode !== 'main'" },
      { file: 'src/redundancy/partner.js', find: "role().role === 'standby' && role().inSync;", replace: "role().role === 'standby';" },
      { file: 'src/redundancy/activation.js', find: 'await sync.whenHeld(last.seq, settings.failoverTimeMs);', replace: '' },
    ],
    breaks: /\([cbg]\)/,
  },
  {
    guard: 'stall discount',
    rule: 'evidence: silence is not counted while this node itself did not run',
    edits: [{ file: 'src/redundancy/role-machine.js', find: 'function stalled(state, ms, nextBeat, nowMs, config) {', replace: "function stalled(state, ms, nextBeat, nowMs, config) { if (state.role === 'standby') return stay(state);" }],
    breaks: /\(b\)/,
  },
  {
    guard: 'start-alone mark',
    rule: 'rule 3: starting alone is a promotion',
    edits: [{ file: 'src/redundancy/role-machine.js', find: "if (state.mark === 'alone')", replace: 'if (true)' }],
    breaks: /\([cb]\)/,
  },
  {
    guard: 'tombstones',
    rule: 'rule 6: a deletion is a change like any other',
    edits: [{ file: 'src/image/merge.js', find: 'puts.set(put.key, { ...put, seq: put.seq ?? frame.seq });', replace: 'if (put.value !== null) puts.set(put.key, { ...put, seq: put.seq ?? frame.seq });' }],
    breaks: /\(g\)/,
  },
  {
    guard: 'pair time',
    rule: 'rule 11: a clock that jumps moves no deadline',
    edits: [{ file: 'src/redundancy/pair-clock.js', find: 'const monotonic = this.clock.monotonicMs();\n        const wall = this.clock.wallMs();', replace: 'const monotonic = this.clock.monotonicMs();\n        const wall = this.clock.wallMs(); if (wall > 0) return wall;' }],
    breaks: /\(e\)/,
  },
  {
    guard: 'tail set aside',
    rule: 'rule 9: an unmerged tail is never truncated',
    edits: [{ file: 'src/store/store.js', find: 'if (seq > commonSeq)', replace: 'if (false)' }],
    breaks: /\([cf]\)/,
  },
  {
    guard: 'where histories parted',
    rule: 'rule 9: the winner sends all that it recorded since then (found by this simulator)',
    edits: [{ file: 'src/redundancy/leader.js', find: 'commonSeqOf(epochs, position.seq, state.epochs(), state.position.seq);', replace: "standing.kind === 'diverged' ? standing.commonSeq : 0;" }],
    breaks: /\([cdf]\)/,
  },
];
