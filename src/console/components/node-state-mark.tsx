import { iconCirclePause, iconCirclePlay, iconDisconnected, iconErrorFilled, iconQuestion } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import type { NodeState } from '../../contract/redundancy-status.js';
import { texts } from '../texts.js';
import { Mark, type Tone } from './mark.js';

const icons: Record<NodeState, string> = { running: iconCirclePlay, standby: iconCirclePause, faulted: iconErrorFilled, unknown: iconQuestion, disconnected: iconDisconnected };
const tones: Record<NodeState, Tone> = { running: 'plain', standby: 'plain', faulted: 'alarm', unknown: 'warning', disconnected: 'critical' };

/** R2: what is shown of a node. Running and standby are both normal, so both are grey. */
export function NodeStateMark({ state, testId }: { readonly state: NodeState; readonly testId?: string }): ReactNode {
  return <Mark icon={icons[state]} tone={tones[state]} text={texts.nodeState[state]} {...(testId === undefined ? {} : { testId })} />;
}
