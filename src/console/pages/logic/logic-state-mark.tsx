import { iconClock, iconErrorFilled, iconPause, iconSuccess } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import type { LogicView } from '../../../contract/logic.js';
import { Mark } from '../../components/mark.js';
import { texts } from '../../texts.js';

const icons = { waiting: iconClock, running: iconSuccess, held: iconPause, faulted: iconErrorFilled };
const tones = { waiting: 'quiet', running: 'quiet', held: 'warning', faulted: 'alarm' } as const;

export function LogicStateMark({ program: { state } }: { readonly program: LogicView }): ReactNode {
  return <Mark icon={icons[state]} tone={tones[state]} text={texts.logic.state[state]} />;
}
