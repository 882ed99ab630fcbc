import { formatDuration, LONGEST_SHELVE_MS, TandemError, type AlarmAction, type AlarmDefinition } from '../../contract/index.js';
import { acknowledge, hold, isHeld, levelOf, reset, without, type AlarmRule, type AlarmState, type AlarmStep } from './alarm.js';

/**
 * What a person's action makes of one alarm. What is so already is no error and gives no event, so that a repeated
 * request does no harm.
 * @throws ALARM_UNKNOWN, ALARM_REFUSED
 */
export function changeOf(action: Extract<AlarmAction, { alarm: string }>, definition: AlarmDefinition, rule: AlarmRule, state: AlarmState, by: string, nowMs: number): AlarmStep {
  const { name } = definition;
  const { holds } = state;
  switch (action.kind) {
    case 'acknowledge':
      if (state.occurrence === 0) throw new TandemError('ALARM_UNKNOWN', `alarm ${name} has never been raised`);
      if (state.occurrence !== action.occurrence) throw new TandemError('ALARM_UNKNOWN', `alarm ${name} is at occurrence ${state.occurrence}, not ${action.occurrence}: look at it again before acknowledging`);
      return acknowledge(rule, state, action.transition, nowMs);
    case 'reset':
      if (!rule.latch) throw new TandemError('ALARM_REFUSED', `alarm ${name} does not latch: there is nothing to reset`);
      if (levelOf(state) !== undefined) throw new TandemError('ALARM_REFUSED', `alarm ${name} cannot be reset while its condition holds`);
      if (state.phase === 'returned-unacknowledged') throw new TandemError('ALARM_REFUSED', `alarm ${name} has to be acknowledged before it is reset`);
      if (isHeld(holds)) throw new TandemError('ALARM_REFUSED', `alarm ${name} is shelved, suppressed or out of service: bring it back first`);
      return reset(state, nowMs);
    case 'shelve': {
      const longestMs = definition.maxShelveMs ?? LONGEST_SHELVE_MS;
      if (action.forMs <= 0 || action.forMs > longestMs) throw new TandemError('ALARM_REFUSED', `alarm ${name} may be shelved for ${formatDuration(longestMs)} at the most`, { details: { longestMs } });
      return hold(rule, state, { ...holds, shelved: { by, untilMs: nowMs + action.forMs } }, 'shelved', nowMs);
    }
    case 'unshelve':
      return holds.shelved === undefined ? { state, events: [] } : hold(rule, state, without(holds, 'shelved'), 'unshelved', nowMs);
    case 'take-out-of-service':
      return holds.outOfService !== undefined ? { state, events: [] } : hold(rule, state, { ...holds, outOfService: { by } }, 'out-of-service', nowMs);
    case 'return-to-service':
      return holds.outOfService === undefined ? { state, events: [] } : hold(rule, state, without(holds, 'outOfService'), 'in-service', nowMs);
    case 'note':
      return { state, events: [] };
  }
}
