import { IxInput, IxRadio, IxRadioGroup } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import type { WirePoint } from '../../../contract/client-protocol.js';
import { unitSymbol } from '../../../contract/units.js';
import { choicesOf } from '../../format/values.js';
import { texts } from '../../texts.js';

interface ValueFieldProps {
  readonly point: WirePoint;
  readonly input: string;
  readonly onInput: (input: string) => void;
  readonly error: string | undefined;
}

/** States as radio buttons, anything else as a text field: a stepper invites to click through a setpoint. */
export function ValueField({ point, input, onInput, error }: ValueFieldProps): ReactNode {
  const choices = choicesOf(point);
  if (choices !== undefined) {
    return (
      <IxRadioGroup label={texts.write.state} value={input} onValueChange={(event) => onInput(event.detail)} data-testid="value-choice">
        {choices.map(({ text }, position) => (
          <IxRadio key={text} value={String(position)} label={text} />
        ))}
      </IxRadioGroup>
    );
  }
  const unit = point.unit === undefined ? '' : ` (${unitSymbol(point.unit)})`;
  return (
    <IxInput
      label={`${texts.write.newValue}${unit}`}
      value={input}
      onValueChange={(event) => onInput(event.detail)}
      {...(error === undefined ? {} : { invalidText: error, className: 'ix-invalid' })}
      textAlignment={point.kind === 'text' ? 'start' : 'end'}
      data-testid="value-input"
    />
  );
}
