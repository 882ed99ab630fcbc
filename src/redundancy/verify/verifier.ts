import { isTandemError, messageOf, TandemError, type ActivityError, type ActivityProgress, type Finding, type Timer, type Verification, type VerificationReport, type Work } from '../../contract/index.js';
import { packed, unpacked } from '../documents.js';
import type { LinkMessage } from '../link-messages.js';
import type { PairParts } from '../pair-parts.js';
import { countUpTo } from '../pair-work.js';
import { compareHistory, compareNodes, ordered } from './compare.js';
import type { HistoryDigests, Inspector } from './facts.js';
import { ownFacts } from './own-facts.js';

export interface VerifierOptions {
  readonly parts: () => PairParts;
  /** Absent where there is nobody to look at devices and documents. */
  readonly inspector: Inspector | undefined;
  readonly peerUrl: () => string | undefined;
}

type Answer = Extract<LinkMessage, { type: 'verify-answer' | 'verify-history' }>;
type AnswerOf<Type extends Answer['type']> = Extract<Answer, { type: Type }>;

/** Looking at devices and reading history take their time, on a busy machine more. */
const ANSWER_MS = 60_000;
/** What is younger may still be on its way to the other node. */
const SETTLED_MS = 60_000;
/** A point that differs is looked at again after this: samples of long ago may just be coming in. */
const AGAIN_MS = 3_000;
/** Between two pages, because live frames share link and processor. */
const REST_MS = 10;
const MOST_HISTORY_FINDINGS = 100;

/** Compares the two nodes on request (R16). Either node may be asked; both show the result, until anything changes. */
export class Verifier {
  private progress = '';
  private counted: ActivityProgress = { step: 'look' };
  private sinceMs = 0;
  /** Of the last one; the time is monotonic. */
  private failure: { readonly failedAtMs: number; readonly error: ActivityError } | undefined;
  private current: VerificationReport = { state: 'not-verified', atMs: 0, findings: [] };
  private waiting: { readonly id: string; readonly done: (answer: Answer | undefined) => void } | undefined;

  constructor(private readonly options: VerifierOptions) {}

  get report(): VerificationReport {
    const { current, progress, counted } = this;
    if (current.state !== 'running') return current;
    return { ...current, progress, ...(counted.done === undefined || counted.total === undefined ? {} : { done: counted.done, total: counted.total }) };
  }

  /** The one under way at this node, or one that failed lately. */
  get ongoing(): Work | undefined {
    const { current, sinceMs, counted, failure } = this;
    if (current.state !== 'running' && current.state !== 'failed') return undefined;
    return { id: 'verify', kind: 'verify', subject: '', ...(current.by === undefined ? {} : { by: current.by }), sinceMs, ...counted, ...(current.state === 'running' ? {} : failure) };
  }

  /** As the partner table shows it. */
  get verification(): Verification {
    const { state, atMs, findings } = this.current;
    const counts = state === 'verified' || state === 'differences';
    return counts ? { state, atMs, differences: differencesIn(findings).length } : { state: 'not-verified', atMs: 0, differences: 0 };
  }

  /** Begins; {@link report} tells how it goes. `historyMs`: how much of the history is compared, 0 for none. @throws VERIFY_REFUSED */
  start(by: string, historyMs: number): void {
    const { inspector, parts } = this.options;
    const { link, options, run } = parts();
    if (inspector === undefined) throw new TandemError('VERIFY_REFUSED', 'this node has nothing to compare');
    if (this.current.state === 'running') throw new TandemError('VERIFY_REFUSED', 'a verification is under way');
    if (!link.knows('verify-ask')) throw new TandemError('VERIFY_REFUSED', link.up ? 'the other node runs an older version that cannot be compared' : 'the other node is not connected');
    this.progress = 'both nodes look at themselves, the standby at the devices';
    this.counted = { step: 'look' };
    this.sinceMs = options.clock.monotonicMs();
    this.failure = undefined;
    this.current = { state: 'running', by, node: options.node.id, atMs: 0, findings: [] };
    run(this.work(inspector, by, historyMs));
  }

  /** Something is not as it was when the nodes were compared. */
  lapse(why: string): void {
    const { state } = this.current;
    if (state === 'running') this.interrupt(why);
    if (state !== 'verified' && state !== 'differences') return;
    this.forget(why);
    this.options.parts().link.send({ type: 'verify-lapsed', why });
  }

  /** False for messages that are about something else. */
  receive(message: LinkMessage): boolean {
    switch (message.type) {
      case 'verify-ask':
        this.run(this.answer(message));
        return true;
      case 'verify-history-ask':
        this.run(this.answerHistory(message));
        return true;
      case 'verify-answer':
      case 'verify-history':
        if (message.id === this.waiting?.id) this.waiting.done(message);
        return true;
      case 'verify-result':
        if (this.current.state !== 'running') this.keep(message.by, message.findings as Finding[], message.history, this.options.parts().peerId());
        return true;
      case 'verify-lapsed':
        if (this.current.state !== 'running') this.forget(message.why);
        return true;
      default:
        return false;
    }
  }

  private async work(inspector: Inspector, by: string, historyMs: number): Promise<void> {
    const { parts } = this.options;
    const { options, link, note } = parts();
    const running = this.current;
    try {
      const revision = options.state.table.revision;
      const [own, theirs] = await Promise.all([this.ownFacts(inspector), this.ask<'verify-answer'>({ type: 'verify-ask', id: this.newId(), revision })]);
      if (theirs.facts === undefined) throw new TandemError('VERIFY_REFUSED', `the other node could not say what it is: ${theirs.error ?? ''}`);
      const document = options.configuration?.current();
      const changes = document === undefined || theirs.document === undefined ? [] : await inspector.differences(document.text, unpacked(theirs.document).text);
      const findings = compareNodes(own, theirs.facts, changes);
      const gap = own.historyGap ?? theirs.facts.historyGap;
      let history: VerificationReport['history'];
      if (gap !== undefined) findings.push({ part: 'history', severity: 'difference', text: `history was not compared: ${gap}` });
      else if (historyMs === 0) findings.push({ part: 'history', severity: 'unchecked', text: 'history: not checked, nobody asked for it' });
      else history = await this.history(inspector, { own: own.node, theirs: theirs.facts.node }, historyMs, findings);
      const result = ordered(findings);
      if (this.current !== running) return;
      this.keep(by, result, history, options.node.id);
      link.send({ type: 'verify-result', by, findings: result, ...(history === undefined ? {} : { history }) });
      const different = differencesIn(result);
      note(different.length === 0 ? 'nodes compared: no differences' : `nodes compared: ${different.length} differences`, `by ${by}${different[0] === undefined ? '' : `; ${different[0].text}`}`);
    } catch (error) {
      if (this.current !== running) return;
      this.fails(isTandemError(error) ? { code: error.code, message: error.message } : { code: 'INTERNAL', message: 'internal error' });
      this.current = { state: 'failed', by, node: options.node.id, atMs: options.clock.wallMs(), findings: [], reason: messageOf(error) };
    }
  }

  /** Page by page: the other node says how far a page goes, this one looks at the same points. */
  private async history(inspector: Inspector, names: { readonly own: string; readonly theirs: string }, historyMs: number, findings: Finding[]): Promise<NonNullable<VerificationReport['history']>> {
    const { pairClock, state } = this.options.parts().options;
    const toMs = Math.round(pairClock.now()) - SETTLED_MS;
    const range = { fromMs: toMs - historyMs, toMs };
    const compare = async (stretch: { readonly after?: string; readonly only?: string }): Promise<{ next?: string | undefined; digests: HistoryDigests; found: ReturnType<typeof compareHistory> }> => {
      const theirs = await this.ask<'verify-history'>({ type: 'verify-history-ask', id: this.newId(), ...range, ...stretch });
      if (theirs.error !== undefined) throw new TandemError('VERIFY_REFUSED', `the other node could not read its history: ${theirs.error}`);
      let own = await inspector.history({ ...range, ...stretch, upTo: theirs.next });
      const digests = [...own.points];
      // The other node has no more points; this one may have.
      for (; own.next !== undefined; digests.push(...own.points)) own = await inspector.history({ ...range, after: own.next });
      return { next: theirs.next, digests, found: compareHistory({ node: names.own, digests }, { node: names.theirs, digests: theirs.points }) };
    };
    let points = 0;
    let samples = 0;
    const different: string[] = [];
    let after: string | undefined;
    do {
      const page: Awaited<ReturnType<typeof compare>> = await compare(after === undefined ? {} : { after });
      points += page.digests.length;
      samples += page.digests.reduce((sum, [, windows]) => windows.reduce((all, [, count]) => all + count, sum), 0);
      different.push(...page.found.map(({ point }) => point));
      after = page.next;
      this.progress = `history of ${points} points, ${samples} samples`;
      if (after !== undefined) this.counted = { step: 'compare-history', done: countUpTo(state.table, after), total: state.table.size, unit: 'points' };
      await this.rest(REST_MS);
    } while (after !== undefined);
    if (different.length > 0) {
      this.progress = `history of ${different.length} points once more`;
      this.counted = { step: 'compare-again' };
      await this.rest(AGAIN_MS);
    }
    for (const point of different.slice(0, MOST_HISTORY_FINDINGS)) findings.push(...(await compare({ only: point })).found.map(({ finding }) => finding));
    if (different.length > MOST_HISTORY_FINDINGS) findings.push({ part: 'history', severity: 'difference', text: `history of ${different.length - MOST_HISTORY_FINDINGS} more points differs` });
    return { ...range, points, samples };
  }

  private async answer({ id, revision }: Extract<LinkMessage, { type: 'verify-ask' }>): Promise<void> {
    const { inspector, parts } = this.options;
    const { options, link } = parts();
    try {
      if (inspector === undefined) throw new TandemError('VERIFY_REFUSED', 'this node has nothing to compare');
      const facts = await this.ownFacts(inspector);
      const document = options.state.table.revision === revision ? undefined : options.configuration?.current();
      link.send({ type: 'verify-answer', id, facts, ...(document === undefined ? {} : { document: packed(document) }) });
    } catch (error) {
      link.send({ type: 'verify-answer', id, error: messageOf(error) });
    }
  }

  private async answerHistory({ id, ...request }: Extract<LinkMessage, { type: 'verify-history-ask' }>): Promise<void> {
    const { inspector, parts } = this.options;
    const { link } = parts();
    try {
      if (inspector === undefined) throw new TandemError('VERIFY_REFUSED', 'this node has nothing to compare');
      const { points, next } = await inspector.history(request);
      link.send({ type: 'verify-history', id, points: [...points], ...(next === undefined ? {} : { next }) });
    } catch (error) {
      link.send({ type: 'verify-history', id, points: [], error: messageOf(error) });
    }
  }

  private async ownFacts(inspector: Inspector): Promise<Awaited<ReturnType<typeof ownFacts>>> {
    return ownFacts({ parts: this.options.parts(), inspector, peerUrl: this.options.peerUrl() });
  }

  private async ask<Type extends Answer['type']>(question: LinkMessage & { readonly id: string }): Promise<AnswerOf<Type>> {
    const { link, options } = this.options.parts();
    let timer: Timer | undefined;
    const answer = await new Promise<Answer | undefined>((done) => {
      this.waiting = { id: question.id, done };
      timer = options.timers.after(ANSWER_MS, () => done(undefined));
      link.send(question);
    });
    timer?.cancel();
    this.waiting = undefined;
    if (answer === undefined) throw new TandemError('VERIFY_REFUSED', 'the other node did not answer');
    return answer as AnswerOf<Type>;
  }

  /** What is being compared has changed under its hands. */
  private interrupt(why: string): void {
    const { by, node } = this.current;
    this.fails({ code: 'VERIFY_REFUSED', message: `interrupted: ${why}` });
    this.current = { state: 'failed', atMs: this.options.parts().options.clock.wallMs(), findings: [], reason: `interrupted: ${why}`, ...(by === undefined ? {} : { by }), ...(node === undefined ? {} : { node }) };
    this.waiting?.done(undefined);
  }

  private fails(error: ActivityError): void {
    this.failure = { failedAtMs: this.options.parts().options.clock.monotonicMs(), error };
  }

  private keep(by: string, findings: readonly Finding[], history: VerificationReport['history'], node: string): void {
    const atMs = this.options.parts().options.clock.wallMs();
    this.current = { state: differencesIn(findings).length === 0 ? 'verified' : 'differences', by, node, atMs, findings, ...(history === undefined ? {} : { history }) };
  }

  private forget(why: string): void {
    const { state, ...rest } = this.current;
    if (state === 'verified' || state === 'differences') this.current = { ...rest, state: 'not-verified', lapsed: why };
  }

  private newId(): string {
    return this.options.parts().options.random.hex(8);
  }

  private async rest(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.options.parts().options.timers.after(ms, resolve));
  }

  private run(work: Promise<void>): void {
    this.options.parts().run(work);
  }
}

function differencesIn(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'difference');
}
