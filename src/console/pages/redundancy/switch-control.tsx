import { iconSwapLeftRight } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import type { RedundancyStatus } from '../../../contract/redundancy-status.js';
import { useMay, useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { SwitchDialog } from './switch-dialog.js';

const t = texts.redundancy;

/** The Switch button, with the reason beside it while it cannot be used (R9). */
export function SwitchControl({ status, isTold, onSignIn }: { readonly status: RedundancyStatus; readonly isTold: boolean; readonly onSignIn: () => void }): ReactNode {
  const { session } = useServices();
  const token = useStore(session);
  const [asking, setAsking] = useState(false);
  const may = useMay('operator');
  const refusal = !isTold ? t.noStatus : status.canSwitch ? undefined : (status.switchRefusal ?? texts.none);
  return (
    <div className="switch-control">
      <span className="soft" data-testid="switch-refusal">
        {refusal === undefined ? t.switchReady : t.switchRefused(refusal)}
      </span>
      <IxButton icon={iconSwapLeftRight} disabled={refusal !== undefined || !may} onClick={() => (token === undefined ? onSignIn() : setAsking(true))} data-testid="switch-button">
        {t.switch}
      </IxButton>
      {asking ? <SwitchDialog status={status} onClose={() => setAsking(false)} /> : null}
    </div>
  );
}
