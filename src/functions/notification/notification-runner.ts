import { isTandemError, messageOf, TandemError, type Notification, type NotificationAction, type NotificationSettings, type PendingNotification, type SystemAlarm } from '../../contract/index.js';
import type { FrameDraft, Json, PairState } from '../../image/index.js';
import { readAlarm } from '../alarm-keys.js';
import { endsEscalation, escalate, route, waitsForSomebody, type AlarmNews, type Escalation, type Queued } from './notify.js';

export const OUTBOX_PREFIX = 'outbox/';
export const ESCALATION_PREFIX = 'escalation/';

/** What notifications do to the world; given by the gateway. */
export interface NotificationEffects {
  /** Resolves when it is sent. Rejects with NOT_ACTIVE or FENCED where nothing may have left, else with what went wrong. */
  send(notification: Notification): Promise<void>;
  /** Whether this process is sending it now, for whoever ran the notifications before; to be asked what came of it, it is sent again. */
  isSending?(id: string): boolean;
}

export interface NotificationsOptions {
  readonly settings: NotificationSettings;
  readonly effects: NotificationEffects;
}

const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 15 * 60_000;
/** Nobody is helped by a message that is a day late. */
const GIVEN_UP_MS = 86_400_000;
/** By each way out, all mails or one webhook: a receiver that hangs keeps its own messages waiting, and no others. */
const AT_ONCE = 4;
/** Tries in vain after which it is an alarm of the system. */
const ALARMED = 3;

interface Outcome {
  readonly id: string;
  readonly way: string;
  readonly error?: unknown;
}

/**
 * The outbox. What is to be told is in the state of both nodes with the frame of the alarm, that it is being sent is there
 * before it is, and that it was sent after: so the node that takes over loses none, and knows which it may be repeating.
 */
export class NotificationRunner {
  private readonly outbox = new Map<string, PendingNotification>();
  private readonly escalations = new Map<string, Escalation>();
  private readonly outcomes: Outcome[] = [];
  /** By way out. */
  private readonly sending = new Map<string, number>();
  private hasStarted = false;

  constructor(
    private readonly options: NotificationsOptions,
    private readonly state: PairState,
  ) {}

  /** After all others: what they have logged in this draft is told. */
  run(draft: FrameDraft): void {
    if (!this.hasStarted) this.start(draft);
    for (const { kind, id, timeMs, data } of draft.logs) if (kind === 'alarm') this.hear({ id, timeMs, data: data as unknown as AlarmNews['data'] }, draft);
    for (const escalation of [...this.escalations.values()].filter(({ dueMs }) => dueMs <= draft.pairTimeMs)) {
      this.forget(escalation, draft);
      // (That it is muted, or not configured any more, is no transition of the alarm: what that holds back is seen here.)
      const alarm = readAlarm(this.state.keyed, escalation.news.data.name);
      if (alarm === undefined || !waitsForSomebody(alarm)) continue;
      for (const queued of escalate(escalation, escalation.dueMs, this.options.settings)) this.queue(queued, draft);
    }
    for (const outcome of this.outcomes.splice(0)) this.settle(outcome, draft);
    this.sendDue(draft);
  }

  private sendDue(draft: FrameDraft): void {
    const due = [...this.outbox.values()].filter(({ sending, notBeforeMs }) => sending !== true && notBeforeMs <= draft.pairTimeMs).sort((a, b) => urgency(a) - urgency(b));
    for (const pending of due) {
      const way = this.wayOf(pending);
      if (way === undefined) this.finish(pending, 'given-up', draft, { reason: `there is no recipient ${pending.to} any more` });
      // Nobody was there to send it (both nodes were off): what it says is long over.
      else if (pending.askedBy === undefined && draft.pairTimeMs - pending.notBeforeMs > GIVEN_UP_MS) this.finish(pending, 'given-up', draft, { reason: 'it could have been sent more than a day ago, and nobody was there' });
      else if ((this.sending.get(way) ?? 0) < AT_ONCE) this.send(pending, way, draft);
    }
  }

  private wayOf({ to }: PendingNotification): string | undefined {
    const recipient = this.options.settings.recipients.find(({ name }) => name === to);
    return recipient === undefined ? undefined : recipient.webhook === undefined ? 'mail' : `webhook ${recipient.webhook}`;
  }

  /** What a person does with one that waits, in the frame of the draft. Returns what is wrong, with nothing done. */
  act({ kind, id, note }: NotificationAction, by: string, draft: FrameDraft): TandemError | undefined {
    if (!this.hasStarted) this.start(draft);
    for (const outcome of this.outcomes.splice(0)) this.settle(outcome, draft); // known, only not in a frame yet
    const pending = this.outbox.get(id);
    if (pending === undefined) return new TandemError('NOTIFICATION_UNKNOWN', `no notification ${id} waits`);
    if (pending.sending === true) return new TandemError('NOTIFICATION_SENDING', `notification ${id} is being sent at this moment`);
    if (kind === 'send') this.put({ ...pending, notBeforeMs: Math.min(pending.notBeforeMs, draft.pairTimeMs), askedBy: by }, draft);
    else this.finish(pending, 'given-up', draft, { by, ...(note === undefined ? {} : { reason: note }) });
    return undefined;
  }

  alarms(): SystemAlarm[] {
    const stuck = [...this.outbox.values()].filter(({ attempt }) => attempt >= ALARMED);
    const [first] = stuck;
    return first === undefined ? [] : [{ name: 'notifications', priority: 2, message: `${stuck.length} notification${stuck.length === 1 ? '' : 's'} cannot be sent: ${first.error ?? ''}` }];
  }

  private start(draft: FrameDraft): void {
    this.hasStarted = true;
    const { keyed } = this.state;
    for (const [, json] of keyed.entries(OUTBOX_PREFIX)) {
      const pending = json as unknown as PendingNotification;
      // Sent by this very node under the configuration before: what comes of it is still to be told.
      if (pending.sending === true && this.options.effects.isSending?.(pending.id) === true) this.put(without(pending, 'sending'), draft);
      // Whoever was sending it did not live to write what came of it.
      else if (pending.sending === true) this.put({ ...without(pending, 'sending'), possibleRepeat: true }, draft);
      // What the other node failed at says nothing about this one's way to the server.
      else if (pending.attempt > 0) this.put({ ...pending, notBeforeMs: Math.min(pending.notBeforeMs, draft.pairTimeMs) }, draft);
      else this.outbox.set(pending.id, pending);
    }
    for (const [, json] of keyed.entries(ESCALATION_PREFIX)) {
      const escalation = json as unknown as Escalation;
      this.escalations.set(escalation.id, escalation);
    }
  }

  private hear(news: AlarmNews, draft: FrameDraft): void {
    const { event, name, occurrence } = news.data;
    if (endsEscalation(event)) {
      for (const escalation of this.escalations.values()) if (escalation.news.data.name === name && escalation.news.data.occurrence <= occurrence) this.forget(escalation, draft);
    }
    const { queued, escalations } = route(news, this.options.settings);
    for (const message of queued) this.queue(message, draft);
    const running = [...this.escalations.values()].filter(({ news: { data } }) => data.name === name);
    for (const escalation of escalations) {
      // An alarm that comes again while nobody has acknowledged it is escalated once, from its first time on.
      if (running.some((other) => other.route === escalation.route)) continue;
      this.escalations.set(escalation.id, escalation);
      draft.put(ESCALATION_PREFIX + escalation.id, escalation as unknown as Json);
    }
  }

  private forget({ id }: Escalation, draft: FrameDraft): void {
    this.escalations.delete(id);
    draft.put(ESCALATION_PREFIX + id, null);
  }

  private queue({ message, notBeforeMs }: Queued, draft: FrameDraft): void {
    this.put({ ...message, notBeforeMs, attempt: 0 }, draft);
  }

  private send(pending: PendingNotification, way: string, draft: FrameDraft): void {
    this.sending.set(way, (this.sending.get(way) ?? 0) + 1);
    this.put({ ...without(pending, 'askedBy'), sending: true }, draft);
    const { id, to, event, alarm, by, note, timeMs, escalation, possibleRepeat } = pending;
    const message: Notification = { id, to, event, alarm, timeMs, ...(by === undefined ? {} : { by }), ...(note === undefined ? {} : { note }), ...(escalation === undefined ? {} : { escalation }), ...(possibleRepeat === undefined ? {} : { possibleRepeat }) };
    // Not within the draft: it leaves when the frame that says so is on both nodes.
    void Promise.resolve()
      .then(async () => this.options.effects.send(message))
      .then(() => this.outcomes.push({ id, way }), (error: unknown) => this.outcomes.push({ id, way, error }));
  }

  private settle({ id, way, error }: Outcome, draft: FrameDraft): void {
    this.sending.set(way, (this.sending.get(way) ?? 1) - 1);
    const pending = this.outbox.get(id);
    if (pending === undefined) return;
    const waiting = without(pending, 'sending');
    if (error === undefined) {
      this.finish(pending, 'sent', draft);
    } else if (isTandemError(error, 'NOT_ACTIVE') || isTandemError(error, 'FENCED')) {
      this.put({ ...waiting, notBeforeMs: draft.pairTimeMs + 1_000 }, draft);
    } else if (draft.pairTimeMs - pending.timeMs > GIVEN_UP_MS) {
      this.finish(pending, 'given-up', draft, { reason: messageOf(error) });
    } else {
      const waitMs = Math.min(FIRST_RETRY_MS * 2 ** pending.attempt, LONGEST_RETRY_MS);
      const mayHaveArrived = isTandemError(error) && error.details.mayHaveArrived === true;
      this.put({ ...waiting, attempt: pending.attempt + 1, notBeforeMs: draft.pairTimeMs + waitMs, error: messageOf(error), ...(mayHaveArrived ? { possibleRepeat: true as const } : {}) }, draft);
    }
  }

  private finish({ id, to, event, alarm, timeMs, escalation, possibleRepeat }: PendingNotification, what: 'sent' | 'given-up', draft: FrameDraft, how: { readonly by?: string; readonly reason?: string } = {}): void {
    this.outbox.delete(id);
    draft.put(OUTBOX_PREFIX + id, null);
    draft.log('notification', {
      what, id, to, event, alarm: alarm.name, occurrence: alarm.occurrence, timeMs,
      ...(escalation === undefined ? {} : { escalation }), ...(possibleRepeat === undefined ? {} : { possibleRepeat }), ...how,
    });
  }

  private put(pending: PendingNotification, draft: FrameDraft): void {
    this.outbox.set(pending.id, pending);
    draft.put(OUTBOX_PREFIX + pending.id, pending as unknown as Json);
  }
}

/** What a person waits for goes first, then what concerns lives, then by priority; what is alike in the order in which it came. */
function urgency({ askedBy, alarm: { lifeSafety, priority } }: PendingNotification): number {
  return askedBy !== undefined ? -1 : lifeSafety === true ? 0 : priority;
}

function without(pending: PendingNotification, key: 'sending' | 'askedBy'): PendingNotification {
  return Object.fromEntries(Object.entries(pending).filter(([other]) => other !== key)) as unknown as PendingNotification;
}
