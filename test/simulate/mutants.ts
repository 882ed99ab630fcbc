import type { Shape } from './story.js';

/** A guard, and what the compiled program looks like without it. */
export interface Mutant {
  readonly guard: string;
  /** What the guard is there for (ARCHITECTURE, the replication rules). */
  readonly rule: string;
  /** Each text occurs exactly once in its file, below `dist/`. */
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
  /** A letter of an invariant that must be among those found to be broken. */
  readonly breaks: RegExp;
  /** The first seed, from 1 on, whose story of a minute shows that the guard is missing: `--without <guard>` searches anew. */
  readonly seed: number;
  /** Length of its stories, where a minute is too short. */
  readonly minutes?: number;
  /** Stories in which it is searched; any where absent. */
  readonly shape?: Shape;
}

const PLAIN: Shape = { witness: false, secondPath: false, older: false };
const HARSH: Shape = { ...PLAIN, harsh: true };
const WITNESS: Shape = { ...PLAIN, witness: true };
const LONG_LEASE: Shape = { ...WITNESS, longLease: true };

const ROLE = 'src/redundancy/role-machine.js';
const ACTIVE = 'src/redundancy/role-active.js';
const HANDOVER = 'src/redundancy/role-handover.js';
const CORE = 'src/redundancy/witness-core.js';
const COMMANDS = 'src/gateway/commands.js';

/**
 * Every guard that the simulator must be able to miss. They are taken out of a copy of the compiled program in memory, so
 * that there is no switch in it for anybody to reach (docs/decisions/simulation.md).
 */
export const mutants: readonly Mutant[] = [
  {
    guard: 'epoch nonce',
    rule: 'rule 1: two activations of one number are told apart',
    edits: [{ file: 'src/contract/position.js', find: 'return a.number === b.number && a.node === b.node && a.nonce === b.nonce;', replace: 'return a.number === b.number;' }],
    breaks: /\([cfghi]\)/,
    seed: 19,
    shape: PLAIN,
  },
  {
    guard: 'epoch above all that was heard',
    rule: 'rule 1: number = highest seen + 1',
    edits: [{ file: 'src/redundancy/activation.js', find: 'Math.max(highestEpoch(), state.position.epoch.number) + 1', replace: 'Math.max(1, state.position.epoch.number)' }],
    breaks: /./,
    seed: 1,
    shape: PLAIN,
  },
  {
    guard: 'going on opens an epoch',
    rule: 'rules 1 and 2: a node that was frozen and that nobody answers begins anew (found by this simulator)',
    edits: [{ file: 'src/redundancy/role-claim.js', find: 'if (suspect === undefined || state.promoting)\n        return stay(state);', replace: "if (suspect === undefined || state.promoting)\n        return stay(state);\n    if (suspect !== undefined)\n        return stay(without(state, 'suspect'));" }],
    breaks: /\(b\)/,
    seed: 1,
    shape: { ...PLAIN, only: ['freeze of the active, then loss of its heir'] },
  },
  {
    guard: 'lease check',
    rule: 'rule 2: beside every effect, so that a node which was frozen has none',
    edits: [{ file: 'src/redundancy/lease.js', find: 'return this.open && this.renewedMs !== undefined && now - this.renewedMs <= this.lengthMs && now < this.supportedUntilMs;', replace: 'return this.open;' }],
    breaks: /\([ab]\)/,
    seed: 65,
    shape: PLAIN,
  },
  {
    guard: 'lease of an echo',
    rule: 'rule 2: with a witness effects stand on an echo, T1 from its sending',
    edits: [
      { file: 'src/redundancy/role-claim.js', find: "return arming === 'disarmed' ? Infinity : Math.max(support.peerUntilMs, support.witnessUntilMs);", replace: 'return Infinity;' },
    ],
    breaks: /\(a\)/,
    seed: 4,
    shape: WITNESS,
  },
  {
    guard: 'T1/T2 inequality',
    rule: 'rule 2: (T1 + longest write)(1 + ρ) ≤ T2 (1 − ρ)',
    edits: [{ file: 'src/config/witness-settings.js', find: 'const promiseMs = read.promise ?? Math.max(leastMs, silenceMs);', replace: 'const promiseMs = leastMs / 4;' }, { file: 'src/config/witness-settings.js', find: 'refuse(promiseMs < leastMs,', replace: 'refuse(false,' }],
    breaks: /\(a\)/,
    seed: 14,
    shape: WITNESS,
  },
  {
    guard: 'own promise',
    rule: 'rule 2: a standby whose promise has not run out does not claim',
    edits: [{ file: 'src/redundancy/role-claim.js', find: 'if (nowMs < state.promisedUntilMs && !dead)', replace: 'if (false)' }],
    breaks: /\(a\)/,
    seed: 5,
    shape: LONG_LEASE,
  },
  {
    guard: 'promise of the witness',
    rule: 'rule 2: it supports one node at a time',
    edits: [{ file: CORE, find: 'const isPromised = record.holder !== node && nowMs < state.promisedUntilMs;', replace: 'const isPromised = false;' }],
    breaks: /\(a\)/,
    seed: 14,
    shape: WITNESS,
  },
  {
    guard: 'restarted granter mute',
    rule: 'rule 2: a witness that has started again keeps quiet for T2',
    edits: [{ file: CORE, find: 'const isMute = nowMs < state.startedMs + record.promiseMs;', replace: 'const isMute = false;' }],
    breaks: /\(a\)/,
    seed: 119,
    shape: WITNESS,
  },
  {
    guard: 'in-sync set at the witness',
    rule: 'rule 4: who is out of the set is not supported',
    edits: [{ file: CORE, find: 'if (record.members.length > 0 && !record.members.includes(node) && !request.beyondSet)', replace: 'if (false)' }],
    breaks: /\(c\)/,
    seed: 2,
    shape: WITNESS,
  },
  {
    guard: 'witness told once',
    rule: 'a storm of questions (found by this simulator)',
    edits: [{ file: 'src/redundancy/witness-seat.js', find: 'if (this.memberNames().join() !== this.members)\n', replace: '\n' }],
    breaks: /storm/,
    seed: 2,
    shape: WITNESS,
  },
  {
    guard: 'self-fencing',
    rule: 'rule 2: after a freeze no effects until the peer has answered',
    edits: [{ file: ACTIVE, find: "if (state.role === 'active' || state.role === 'yielding' || state.promoting) {", replace: 'if (state.promoting) {' }],
    breaks: /\([ab]\)/,
    seed: 31,
    shape: PLAIN,
  },
  {
    guard: 'stall discount',
    rule: 'evidence: silence is not counted while this node itself did not run',
    edits: [{ file: ACTIVE, find: 'const { settings } = config;\n    // What was not heard', replace: "const { settings } = config; if (state.role === 'standby') return stay(state);\n    // What was not heard" }],
    breaks: /\(b\)/,
    seed: 20,
    shape: PLAIN,
  },
  {
    guard: 'start-alone mark',
    rule: 'rule 3: starting alone is a promotion',
    edits: [{ file: ROLE, find: "if (state.mark === 'alone')\n", replace: 'if (true)\n' }],
    breaks: /\([bc]\)/,
    seed: 24,
    shape: PLAIN,
  },
  {
    guard: 'no older commands',
    rule: 'rule 3: who starts on what may be old does not write older commands again',
    edits: [
      { file: COMMANDS, find: 'const mayReassert = this.options.mayReassert?.(record.timeMs) !== false;', replace: 'const mayReassert = true;' },
      // A node that starts alone would find out by the device.
      { file: COMMANDS, find: 'if (this.options.isUnheard?.() === true && !isUnseen', replace: 'if (false' },
      // Most of them have been overtaken by then, and are not written for that.
      { file: 'src/gateway/command-meaning.js', find: 'other.timeMs > timeMs', replace: 'false' },
    ],
    breaks: /\(c\)/,
    seed: 41,
    shape: HARSH,
  },
  {
    guard: 'own disk before confirmation',
    rule: 'rule 5: confirmed once it is stored here',
    edits: [{ file: 'src/redundancy/sync.js', find: 'await journal.whenDurable(seq);\n        const { leader } = this;', replace: 'const { leader } = this;' }],
    breaks: /\(c\)/,
    seed: 3,
    shape: HARSH,
  },
  {
    guard: 'intent before the write, and refusal of unknown ids',
    rule: 'rule 5 (outbox): the intent is on both nodes before anything is sent; an unknown id of an older epoch is refused',
    edits: [
      { file: COMMANDS, find: 'await confirm(seq);\n            await turn();', replace: 'await turn();' },
      // What the other node does not know it refuses: each of the two guards covers for the other one.
      { file: COMMANDS, find: 'if (command.epoch < leastKnownEpoch(this.options.state) || wasSentElsewhere(command, this.options.state)) {', replace: 'if (false) {' },
    ],
    breaks: /\(c\)/,
    seed: 3,
    shape: HARSH,
  },
  {
    guard: 'request id',
    rule: 'rule 5: a known id gets its outcome again',
    edits: [
      { file: COMMANDS, find: 'if (known !== undefined)\n            return this.repeat', replace: 'if (false)\n            return this.repeat' },
    ],
    breaks: /\(c\)/,
    seed: 34,
    shape: PLAIN,
  },
  {
    guard: 'tombstones',
    rule: 'rule 6: a deletion is a change like any other',
    edits: [{ file: 'src/image/merge.js', find: 'this.puts.set(put.key, { ...put, seq: put.seq ?? seq });', replace: 'if (put.value !== null) this.puts.set(put.key, { ...put, seq: put.seq ?? seq });' }],
    breaks: /\(g\)/,
    seed: 1,
    shape: PLAIN,
  },
  {
    guard: 'samples are never merged away',
    rule: 'rule 6: trend samples are log records',
    edits: [{ file: 'src/image/merge.js', find: 'samples: this.samples.take()', replace: 'samples: last.samples' }],
    breaks: /\(f\)/,
    seed: 2,
    shape: PLAIN,
  },
  {
    guard: 'snapshot swapped at once',
    rule: 'rule 7: atomically',
    edits: [{ file: 'src/store/store.js', find: 'await this.options.db.batch(operations, DURABLY);\n        }\n        catch (cause) {\n            this.fail(cause);\n            return;\n        }\n        this.history.landed(operations);\n        this.durableUpTo = frame.seq;', replace: "await this.options.db.batch(operations.filter(({ type }) => type === 'del'), DURABLY); await this.options.db.batch(operations.filter(({ type }) => type === 'put'), DURABLY);\n        }\n        catch (cause) {\n            this.fail(cause);\n            return;\n        }\n        this.history.landed(operations);\n        this.durableUpTo = frame.seq;" }],
    breaks: /\([cfgi]\)/,
    seed: 39,
    shape: PLAIN,
  },
  {
    guard: 'tail set aside',
    rule: 'rule 9: an unmerged tail is never truncated',
    edits: [{ file: 'src/store/store.js', find: 'if (seq > commonSeq)', replace: 'if (false)' }],
    breaks: /\([cf]\)/,
    seed: 1,
    shape: PLAIN,
  },
  {
    guard: 'where histories parted',
    rule: 'rule 9: the winner sends all that it recorded since then (found by this simulator)',
    edits: [{ file: 'src/redundancy/leader.js', find: 'commonSeqOf(epochs, position.seq, state.epochs(), state.position.seq);', replace: "standing.kind === 'diverged' ? standing.commonSeq : 0;" }],
    breaks: /\([cdf]\)/,
    seed: 24,
    shape: PLAIN,
  },
  {
    guard: 'push-first',
    rule: 'R7, rule 10: whoever gets control holds everything before',
    edits: [
      { file: HANDOVER, find: "    if (!state.inSync)\n        return 'the other node is not in sync';", replace: '' },
      { file: ACTIVE, find: 'if (!state.owedToMain || !state.inSync || state.held', replace: 'if (!state.owedToMain || state.held' },
      { file: 'src/redundancy/partner.js', find: "role().role === 'standby' && role().inSync;", replace: "role().role === 'standby';" },
      { file: 'src/redundancy/activation.js', find: 'await sync.whenHeld(last.seq, settings.failoverTimeMs);', replace: '' },
    ],
    breaks: /\([bceg]\)/,
    seed: 3,
    shape: PLAIN,
  },
  {
    guard: 'pair time',
    rule: 'rule 11: a clock that jumps moves no deadline',
    edits: [{ file: 'src/redundancy/pair-clock.js', find: 'const monotonic = this.clock.monotonicMs();\n        const wall = this.clock.wallMs();', replace: 'const monotonic = this.clock.monotonicMs();\n        const wall = this.clock.wallMs(); if (wall > 0) return wall;' }],
    breaks: /\(e\)/,
    seed: 2,
    shape: PLAIN,
  },
  {
    guard: 'schedule mark',
    rule: 'rule 11: what is in force is replicated and does not come into force again',
    edits: [{ file: 'src/functions/schedule/schedule-runner.js', find: 'this.inForce[index] = readInForce(keyed, name);', replace: 'this.inForce[index] = undefined;' }],
    breaks: /\(e\)/,
    seed: 1,
    shape: PLAIN,
  },
  {
    guard: 'alarm state in the image',
    rule: 'rule 6: running delays and states are keyed state; who takes over goes on with them',
    edits: [{ file: 'src/functions/alarm/alarm-runner.js', find: 'const before = isKnown ? stateFrom(rule, stored, internal) :', replace: 'const before = isKnown ? { ...initial, occurrence: stored?.occurrence ?? 0 } :' }],
    breaks: /\(d\)/,
    seed: 1,
    shape: PLAIN,
  },
  {
    guard: 'what an older version knows',
    rule: 'R32: an older partner is sent only what it knows',
    edits: [{ file: 'src/redundancy/link.js', find: 'return this.up && isSpokenIn(this.session?.version ?? 0, type);', replace: 'return this.up;' }],
    breaks: /R32/,
    seed: 1,
    shape: { witness: false, secondPath: false, older: true },
  },
  {
    guard: 'only what is repeatable is repeated',
    rule: 'rule 5: in doubt after a takeover a command is repeated only where the point allows it',
    edits: [{ file: COMMANDS, find: 'if (point.write?.repeatable !== true)', replace: 'if (false)' }],
    breaks: /Pulse got .* times/,
    seed: 1,
    shape: { ...PLAIN, only: ['pulse arrives, and the active is lost before it knows'] },
  },
  {
    guard: 'the device as a witness',
    rule: 'rule 3: who starts by right without a word of the other one writes what it had in doubt only where the point reads as it was left',
    edits: [{ file: COMMANDS, find: 'if (this.options.isUnheard?.() === true && !isUnseen', replace: 'if (false' }],
    breaks: /\(c\).*got .* again/,
    seed: 1,
    shape: { ...PLAIN, only: ['command under way, and the other node leads as possibly stale and is lost before this one is back'] },
  },
  {
    guard: 'word of a dropped link',
    rule: 'rule 3: an active that ends the connection by itself says so first: who takes over from it then may have been overtaken',
    edits: [{ file: 'src/redundancy/role-effects.js', find: 'if (sync.standbyCounts)', replace: 'if (false)' }],
    breaks: /\(c\).*got .* again/,
    seed: 1,
    shape: { ...PLAIN, only: ['active drops a slow link, and is lost before it can be asked'] },
  },
  {
    guard: 'winner opens an epoch',
    rule: 'rule 9: who goes on after a split does so in an epoch above both',
    edits: [
      { file: ROLE, find: 'const above = own.epoch > theirs.epoch || state.promoting ? stay(won)', replace: 'const above = true ? stay(won)' },
      // Whoever hears of a higher epoch than its own opens one above that, too.
      { file: ROLE, find: "if (state.role === 'active' && !state.promoting && (peer.progress.epoch > state.progress.epoch || peer.apart === true)) {", replace: 'if (false) {' },
    ],
    breaks: /\([bfghi]\)/,
    seed: 1,
    shape: { ...PLAIN, arbitration: 'main', only: ['cut link'] },
  },
  {
    guard: 'durable acknowledgement',
    rule: 'rule 4: a standby acknowledges after fsync',
    edits: [{ file: 'src/redundancy/follower.js', find: 'durable: this.replacing === undefined ? Math.min(journal.durableSeq, state.position.seq) : 0', replace: 'durable: state.position.seq' }],
    breaks: /\(c\)/,
    seed: 1,
    shape: { ...PLAIN, only: ['power loss of both, and only a standby with a slow disk comes back'] },
  },
  {
    guard: 'in-sync set',
    rule: 'rule 4: the active confirms alone only once the standby does not count any more',
    edits: [
      { file: 'src/redundancy/sync.js', find: 'await leader.expel();', replace: '' },
      // A standby that notices by itself how slow the link is covers for it.
      { file: 'src/redundancy/sync.js', find: 'if (follower === undefined || following === undefined)', replace: 'if (true)' },
    ],
    breaks: /\(c\)/,
    seed: 1,
    shape: { ...PLAIN, only: ['link as late as can be, then lost with the active'] },
  },
  {
    guard: 'irrevocable yield',
    rule: 'rule 10: once sent, only a promotion returns the role',
    edits: [
      { file: ROLE, find: "state: without({ ...state, role: 'standby', promoting: false, inSync: true, mark: 'paired', owedToMain: false }, 'handover', 'handBackDueMs', 'leaderlessSinceMs', 'suspect', 'fieldWorse'),\n                effects: [{ kind: 'demote' }],", replace: 'state, effects: [],' },
      { file: 'src/redundancy/activation.js', find: 'publisher.close();\n        witness?.release();', replace: 'witness?.release();' },
    ],
    breaks: /\([ab]\)/,
    seed: 4,
    shape: { ...PLAIN, only: ['hand-over, and the link is cut in the midst of it'] },
  },
  {
    guard: 'revision barrier',
    rule: 'rules 6 and 12: what is merged never crosses a configuration',
    edits: [{ file: 'src/redundancy/leader.js', find: 'if (this.isEnded() || frame.revision !== state.table.revision)\n                break;', replace: '' }],
    breaks: /\([gh]\)/,
    seed: 1,
    shape: { ...PLAIN, editable: true, only: ['configuration changed while the standby is away'] },
  },
  {
    guard: 'what a journal has let go of, handed over',
    rule: 'rule 9: the loser of a long split tells what its tail does not have any more, and the winner fetches it (found by this simulator)',
    edits: [{ file: 'src/redundancy/owed-history.js', find: "if (options.knows('history-owed'))", replace: 'if (false)' }],
    breaks: /\(f\)/,
    seed: 1,
    shape: { ...PLAIN, shortJournal: true, only: ['cut link, for longer than a journal reaches back'] },
  },
  {
    guard: 'probe of every path',
    rule: 'evidence: one path that refuses may be a firewall; death is a closed connection and every path refusing',
    edits: [{ file: 'src/redundancy/probe.js', find: "return answers.every((reason) => reason === 'refused');", replace: "return answers.some((reason) => reason === 'refused');" }],
    breaks: /\([ab]\)/,
    seed: 2,
    shape: { ...PLAIN, only: ['firewall refuses the link of a living node'] },
  },
  {
    guard: 'reset after a snapshot',
    rule: 'rule 8: a client whose position has parted starts over',
    edits: [{ file: 'src/clients/subscription.js', find: "return api.role() !== 'active' && standing.commonSeq === state.position.seq && position.seq > standing.commonSeq ? 'behind' : 'reset';", replace: "return 'inside';" }],
    breaks: /\(h\)/,
    seed: 1,
    shape: { ...PLAIN, only: ['cut link'] },
  },
  {
    guard: 'a state that is replaced begins anew for who reads it',
    rule: 'rule 8, R36: a client of a node that has got a snapshot starts over',
    edits: [{ file: 'src/clients/subscription.js', find: 'frame.snapshot === true || ', replace: '' }],
    breaks: /\(h\).*client of the reader/,
    seed: 5,
    shape: { ...PLAIN, reader: true, only: ['cut link'] },
  },
  {
    guard: 'samples are never merged away, for a node for reading',
    rule: 'rule 6, R36: trend samples are log records',
    edits: [{ file: 'src/image/merge.js', find: 'samples: this.samples.take()', replace: 'samples: last.samples' }],
    breaks: /\(f\).*history of C/,
    seed: 1,
    shape: { ...PLAIN, reader: true, only: ['reader cut off', 'reader killed', 'slow disk of the reader'] },
  },
  {
    guard: 'journal floor and tombstone floor',
    rule: 'rule 8: a follower below the journal is sent a snapshot, and not what is left of the journal',
    edits: [{ file: 'src/redundancy/leader.js', find: "position.seq + 1 >= journal.journalFloor && position.seq >= state.keyed.tombstoneFloor", replace: 'true' }, { file: 'src/redundancy/leader.js', find: 'if (this.sentSeq + 1 < journal.journalFloor) {', replace: 'if (false) {' }],
    breaks: /\([cfghi]\)/,
    seed: 1,
    shape: { ...PLAIN, shortJournal: true, only: ['standby away beyond the journal'] },
  },
];
