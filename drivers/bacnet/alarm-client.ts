/**
 * Alarms of one device: hears its notifications, asks for what it missed (at the start, after a takeover and when the
 * device is back), acknowledges, and sees to it that the device's notification classes tell both nodes. A standby
 * confirms and drops: what it drops the active node has, or asks for when it becomes active.
 */
import { Subject } from 'rxjs';
import { messageOf, TandemError, type DeviceAcknowledgement, type DeviceEventReport, type DeviceObjectState, type DeviceStamp, type DeviceTransition, type DriverHost } from '../../src/contract/index.js';
import { AlarmError, AlarmService } from './alarm-services.js';
import { alarmRecipients } from './alarm-recipients.js';
import type { BacnetDevice } from './config.js';
import type { Contact } from './contact.js';
import type { Counters } from './counters.js';
import { isNever, stampOf, stampText } from './date-time.js';
import { learnClock, type DeviceClock } from './device-clock.js';
import { decodeEventInformation, detailsOf, encodeAcknowledgeAlarm, encodeGetEventInformation, NotifyType, type EventNotification, type EventSummary } from './event-codec.js';
import { eventStateName, eventStateOf, transitionTo, urgencyOf } from './event-names.js';
import { peerKey, type Peer } from './npdu.js';
import { objectOf, objectText } from './object-names.js';
import { refusalOf } from './refusal.js';
import type { ObjectId } from './values.js';

/** An unconfirmed notification may get lost; asked again after this even if nothing seems to be wrong. */
const CHECK_MS = 10 * 60_000;
const RETRY_MS = 30_000;
/** Recipients that could not be told: this node was held up for a moment, or the device was. */
const TELL_AGAIN_MS = 5_000;
/** Answers with more-events that are followed; a device that never comes to an end is left there. */
const MOST_ANSWERS = 500;
const MOST_ATTEMPTS = 5;
const transitions: readonly DeviceTransition[] = ['offnormal', 'fault', 'normal'];

export class AlarmClient {
  readonly events$ = new Subject<DeviceEventReport>();
  private active = false;
  private asking = false;
  private dueAt = -Infinity;
  private recipientsDone = false;
  private hasHinted = false;
  /** Notifications so far. */
  private heard = 0;

  constructor(
    private readonly host: DriverHost,
    private readonly device: BacnetDevice,
    private readonly contact: Contact,
    private readonly counters: Counters,
    private readonly clock: DeviceClock,
    private readonly pointOf: (object: ObjectId) => number | undefined,
  ) {}

  setActive(active: boolean): void {
    if (active && !this.active) this.dueAt = -Infinity;
    this.active = active;
  }

  /** The device has just answered: asks for its alarms where that is due. */
  resume(): void {
    if (!this.active || this.device.alarms === undefined || this.asking || this.host.clock.monotonicMs() < this.dueAt) return;
    this.asking = true;
    void this.catchUp().finally(() => {
      this.asking = false;
    });
  }

  /** It does not answer, or has restarted: what happens meanwhile is asked for when it is back. */
  suspend(): void {
    this.dueAt = -Infinity;
  }

  /** Only the device itself may speak for itself. */
  receive(notification: EventNotification, from: Peer, taken: () => void): boolean {
    const { peer } = this.contact;
    if (this.device.alarms === undefined) {
      this.counters.count('eventsIgnored');
      if (!this.hasHinted) this.host.log.info(`device ${this.device.instance} sends alarms; with \`alarms: true\` they are shown`);
      this.hasHinted = true;
      taken();
      return true;
    }
    if (!this.active) {
      this.counters.count('eventsLeftToActive');
      taken();
      return true;
    }
    // Not known yet: the device repeats it, and what it does not repeat is asked for.
    if (peer === undefined || peerKey(peer) !== peerKey(from)) {
      this.counters.count('strayEvents');
      return peer === undefined;
    }
    this.counters.count('events');
    this.heard++;
    this.events$.next(this.reportOf(notification, taken));
    return true;
  }

  /** Rejects with FIELD_REJECTED and the device's words where it refuses: a time stamp that is not its own, say. */
  async acknowledge(asked: DeviceAcknowledgement): Promise<void> {
    const object = objectOf(asked.object);
    if (object === undefined) throw new TandemError('VALUE_INVALID', `${asked.object} is no object`);
    const processId = asked.token === undefined ? (this.device.alarms?.processId ?? 1) : Number(asked.token);
    const stamp = stampOf(asked.stamp);
    const deadline = this.host.clock.monotonicMs() + asked.timeoutMs;
    for (const state of statesToTry(asked)) {
      const body = encodeAcknowledgeAlarm({ processId, object, state, stamp, by: asked.by, at: { type: 'date-time', ...this.clock.local(asked.atMs) } });
      try {
        await this.contact.request(AlarmService.acknowledgeAlarm, body, { urgent: true, permit: asked.permit, totalMs: Math.max(1, deadline - this.host.clock.monotonicMs()) });
        this.counters.count('acknowledgements');
        return;
      } catch (error) {
        const refusal = refusalOf(error);
        // Known from a summary only, which does not tell to which state the transition was: the next that it may be.
        if (refusal?.kind === 'error' && refusal.errorCode === AlarmError.invalidEventState && asked.state === undefined) continue;
        this.counters.count('acknowledgementsRefused');
        throw error;
      }
    }
    throw new TandemError('FIELD_REJECTED', `${asked.object} takes no acknowledgement of its transition to ${asked.transition}`);
  }

  private async catchUp(): Promise<void> {
    const now = this.host.clock.monotonicMs();
    this.dueAt = now + CHECK_MS * (0.9 + 0.2 * this.host.random.next());
    try {
      // Told first and asked then, so that nothing falls between the two.
      if (!this.recipientsDone) this.recipientsDone = await alarmRecipients({ host: this.host, device: this.device, contact: this.contact, counters: this.counters });
      if (!this.recipientsDone) this.dueAt = now + TELL_AGAIN_MS;
      if (!this.clock.isKnown) await learnClock(this.contact, this.clock, this.device.instance, this.host.clock.wallMs());
      const objects = await this.ask();
      if (this.active) this.events$.next({ kind: 'summary', objects });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) this.dueAt = now + RETRY_MS;
      this.host.log.warn(`alarms of device ${this.device.instance} cannot be asked for: ${messageOf(error)}`);
    }
  }

  /** What a notification overtook may be out of date: asked again. */
  private async ask(): Promise<DeviceObjectState[]> {
    for (let attempt = 1; ; attempt++) {
      const before = this.heard;
      const objects = await this.askOnce();
      if (this.heard === before || attempt >= MOST_ATTEMPTS) return objects;
    }
  }

  /** GetEventInformation, followed to its end. */
  private async askOnce(): Promise<DeviceObjectState[]> {
    const objects: DeviceObjectState[] = [];
    let last: ObjectId | undefined;
    for (let answers = 0; answers < MOST_ANSWERS; answers++) {
      const { summaries, moreEvents } = decodeEventInformation(await this.contact.request(AlarmService.getEventInformation, encodeGetEventInformation(last)));
      objects.push(...summaries.map((summary) => this.stateOf(summary)));
      const end = summaries.at(-1)?.object;
      if (!moreEvents || end === undefined) return objects;
      last = end;
    }
    throw new TandemError('FIELD_MALFORMED', `device ${this.device.instance} does not come to an end of its alarms`);
  }

  private stateOf({ object, state, acknowledged, stamps, priorities }: EventSummary): DeviceObjectState {
    const now = transitionTo(state);
    const point = this.pointOf(object);
    const known: Partial<Record<DeviceTransition, DeviceStamp & { acknowledged: boolean }>> = {};
    transitions.forEach((transition, at) => {
      const stamp = stamps[at];
      if (stamp === undefined || isNever(stamp)) return;
      known[transition] = { ...this.stampOf(stamp), acknowledged: acknowledged[at] === true, ...(transition === now && { state: eventStateName(state) }) };
    });
    return { object: objectText(object), now, state: eventStateName(state), urgency: urgencyOf(priorities[transitions.indexOf(now)] ?? 255), transitions: known, ...(point !== undefined && { point }) };
  }

  private reportOf(notification: EventNotification, taken: () => void): DeviceEventReport {
    const { object, stamp, toState, processId, ackRequired, notifyType, priority, notificationClass, message } = notification;
    const state = eventStateName(toState);
    const point = this.pointOf(object);
    return {
      kind: 'event', taken,
      event: {
        ...this.stampOf(stamp),
        object: objectText(object), state, token: String(processId), transition: transitionTo(toState),
        notice: notifyType === NotifyType.ackNotification ? 'acknowledged' : 'transition',
        ackRequired: ackRequired === true, urgency: urgencyOf(priority), class: `nc-${notificationClass}`,
        message: message ?? '', details: detailsOf(notification), ...(point !== undefined && { point }),
      },
    };
  }

  private stampOf(stamp: EventNotification['stamp']): DeviceStamp {
    const timeMs = this.clock.instantOf(stamp, this.host.clock.wallMs());
    return { stamp: stampText(stamp), ...(timeMs !== undefined && { timeMs }) };
  }
}

/** Event states that lead to the transition; the one that the device named, where it did. */
function statesToTry({ state, transition }: DeviceAcknowledgement): number[] {
  if (state !== undefined) return [eventStateOf(state)];
  if (transition === 'normal') return [0];
  return transition === 'fault' ? [1] : [2, 3, 4, 5];
}
