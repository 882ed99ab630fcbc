/**
 * What a witness decides (rule 2). Pure: (state, request, now) → state and answer. It supports one node of a site at a
 * time: what it echoes is a promise to support nobody else for `promiseMs`. It knows nothing of the plant.
 */

/** What has to be on its disk before an answer that depends on it leaves. */
export interface WitnessRecord {
  /** Highest epoch that it supported. */
  readonly epoch: number;
  /** The node that it supported last. */
  readonly holder: string;
  /** The nodes that hold every confirmed record, as the holder told (rule 4); empty: never told. */
  readonly members: readonly string[];
  /** Longest promise that it was ever asked for: so long it stays mute after a restart. */
  readonly promiseMs: number;
}

export interface WitnessState {
  readonly record: WitnessRecord;
  readonly startedMs: number;
  /** Until when it supports nobody but `record.holder`. */
  readonly promisedUntilMs: number;
}

interface Common {
  readonly n: number;
  readonly promiseMs: number;
}

export type WitnessRequest =
  /** The active: support me on. */
  | (Common & { readonly type: 'renew'; readonly epoch: number; readonly members: readonly string[] })
  /**
   * A standby: may I become active, in `epoch`? `dead`: the connection of the other one closed and every path of it
   * refuses, or it said goodbye. `beyondSet`: the policy or a person allows what the in-sync set does not.
   */
  | (Common & { readonly type: 'ask'; readonly epoch: number; readonly dead: boolean; readonly beyondSet: boolean })
  /** The holder gives its support back: a clean stop or a hand-over. */
  | (Common & { readonly type: 'release' })
  | (Common & { readonly type: 'look' });

export type WitnessRefusal = 'mute' | 'promised' | 'fenced' | 'not-a-member';

export interface WitnessAnswer {
  readonly n: number;
  /** The request is granted; for `renew` and `ask` that is the promise. */
  readonly granted: boolean;
  readonly refusal?: WitnessRefusal | undefined;
  readonly epoch: number;
  readonly holder: string;
  readonly members: readonly string[];
}

export interface WitnessStep {
  readonly state: WitnessState;
  readonly answer: WitnessAnswer;
}

export function initialWitnessState(record: WitnessRecord | undefined, nowMs: number): WitnessState {
  return { record: record ?? { epoch: 0, holder: '', members: [], promiseMs: 0 }, startedMs: nowMs, promisedUntilMs: 0 };
}

/** `isConnected` tells whether the witness has an open connection of the holder's. */
export function stepWitness(before: WitnessState, node: string, request: WitnessRequest, nowMs: number, isConnected: (node: string) => boolean): WitnessStep {
  const record = { ...before.record, promiseMs: Math.max(before.record.promiseMs, request.promiseMs) };
  const state: WitnessState = { ...before, record };
  const { n, promiseMs } = request;
  const refuse = (refusal: WitnessRefusal): WitnessStep => ({ state, answer: { n, granted: false, refusal, ...shown(record) } });
  const grant = (next: WitnessRecord, promisedUntilMs: number): WitnessStep => ({ state: { ...state, record: next, promisedUntilMs }, answer: { n, granted: true, ...shown(next) } });
  // What it promised before a restart it has forgotten, but not for how long.
  const isMute = nowMs < state.startedMs + record.promiseMs;
  const isPromised = record.holder !== node && nowMs < state.promisedUntilMs;
  switch (request.type) {
    case 'look':
      return { state, answer: { n, granted: false, ...shown(record) } };
    case 'release':
      return record.holder === node ? grant(record, 0) : refuse('promised');
    case 'renew':
      if (request.epoch < record.epoch || (request.epoch === record.epoch && record.holder !== node)) return refuse('fenced');
      if (isMute) return refuse('mute');
      if (isPromised) return refuse('promised');
      return grant({ ...record, epoch: request.epoch, holder: node, members: request.members }, nowMs + promiseMs);
    case 'ask':
      if (request.epoch <= record.epoch) return refuse('fenced');
      if (isMute) return refuse('mute');
      if (isPromised && !(request.dead && !isConnected(record.holder))) return refuse('promised');
      if (record.members.length > 0 && !record.members.includes(node) && !request.beyondSet) return refuse('not-a-member');
      return grant({ ...record, epoch: request.epoch, holder: node }, nowMs + promiseMs);
  }
}

export function sameRecord(a: WitnessRecord, b: WitnessRecord): boolean {
  return a.epoch === b.epoch && a.holder === b.holder && a.promiseMs === b.promiseMs && a.members.join() === b.members.join();
}

function shown({ epoch, holder, members }: WitnessRecord): Pick<WitnessAnswer, 'epoch' | 'holder' | 'members'> {
  return { epoch, holder, members };
}
