import { Observable } from 'rxjs';
import { messageOf, type AlarmAction, type AlarmDefinition, type Log, type NotificationAction, type SystemAlarm, type TrendDefinition } from '../contract/index.js';
import type { FrameDraft, PairState } from '../image/index.js';
import { AlarmRunner } from './alarm/alarm-runner.js';
import type { Desk } from './desk.js';
import { NotificationRunner, type NotificationsOptions } from './notification/notification-runner.js';
import { LogicRunner, type LogicOptions } from './logic/logic-runner.js';
import { ScheduleRunner, type SchedulesOptions } from './schedule/schedule-runner.js';
import { SystemAlarmRunner } from './system-alarms.js';
import type { TrendMemory } from './trend-memory.js';
import { TrendRunner } from './trend-runner.js';

export interface FunctionsOptions {
  readonly alarms: readonly AlarmDefinition[];
  /** Where people's actions on alarms arrive while the functions run. */
  readonly desk?: Desk<AlarmAction>;
  /** And those on notifications. */
  readonly outbox?: Desk<NotificationAction>;
  /** Whether a device answers now; all do where it is left out. */
  readonly isOnline?: (device: string) => boolean;
  readonly trends: readonly TrendDefinition[];
  readonly schedules?: SchedulesOptions;
  readonly logic?: LogicOptions | undefined;
  readonly notifications?: NotificationsOptions | undefined;
  /** What is wrong with the system itself right now. */
  readonly systemAlarms?: () => readonly SystemAlarm[];
  readonly state: PairState;
  /** Fed by the gateway from every frame, on both roles; see {@link TrendMemory.observe}. */
  readonly memory: TrendMemory;
  readonly log: Log;
}

/**
 * What an active node makes of its values. Each subscription is one activation: it begins with the state that
 * the frames so far have left, and unsubscribing stops it, with nothing to clean up:
 *
 *     role$.pipe(switchMap((role) => role === 'active' ? runFunctions(options, publisher.drafts$) : EMPTY))
 *
 * Deadlines are looked at with every draft, so the publisher has to tick.
 */
export function runFunctions(options: FunctionsOptions, drafts$: Observable<FrameDraft>): Observable<never> {
  return new Observable<never>((subscriber) => {
    const trends = new TrendRunner(options.trends, options.state, options.memory);
    const schedules = options.schedules === undefined ? undefined : new ScheduleRunner(options.schedules, options.state);
    const logic = options.logic === undefined ? undefined : new LogicRunner(options.logic, options.state);
    const notifications = options.notifications === undefined ? undefined : new NotificationRunner(options.notifications, options.state);
    const system = new SystemAlarmRunner(() => [...(options.systemAlarms?.() ?? []), ...(logic?.alarms() ?? []), ...(notifications?.alarms() ?? [])], options.state);
    const alarms = new AlarmRunner({ definitions: options.alarms, state: options.state, isOnline: options.isOnline ?? ((): boolean => true), system });
    options.desk?.open(alarms);
    if (notifications !== undefined) options.outbox?.open(notifications);
    const guarded = (what: string, run: () => void): void => {
      // A mistake in one function must stop neither the frame nor the other functions.
      try {
        run();
      } catch (error) {
        options.log.error(`${what} failed on a frame: ${messageOf(error)}`, error);
      }
    };
    const running = drafts$.subscribe({
      next: (draft) => {
        guarded('alarms', () => alarms.run(draft));
        guarded('schedules', () => schedules?.run(draft));
        guarded('logic', () => logic?.run(draft));
        guarded('system alarms', () => system.run(draft));
        guarded('notifications', () => notifications?.run(draft));
        guarded('trends', () => trends.run(draft));
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
    return () => {
      running.unsubscribe();
      options.desk?.close(alarms);
      if (notifications !== undefined) options.outbox?.close(notifications);
    };
  });
}
