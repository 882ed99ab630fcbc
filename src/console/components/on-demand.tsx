import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { messageOf } from '../data/rest.js';
import { Outcome } from './outcome.js';

interface OnDemandProps<T> {
  readonly label: string;
  readonly working: string;
  readonly disabled?: boolean;
  /** Why it cannot be used. */
  readonly hint?: string | undefined;
  /** Undefined where it was not asked after all. */
  readonly ask: () => Promise<T | undefined>;
  readonly testId: string;
  readonly children: (answer: T) => ReactNode;
}

type State<T> = { readonly kind: 'idle' | 'working' } | { readonly kind: 'failed'; readonly text: string } | { readonly kind: 'done'; readonly answer: T };

/** Something that is asked of a device only when a person wants to know it: it is traffic in the field. */
export function OnDemand<T>({ label, working, disabled = false, hint, ask, testId, children }: OnDemandProps<T>): ReactNode {
  const [state, setState] = useState<State<T>>({ kind: 'idle' });
  const start = async (): Promise<void> => {
    setState({ kind: 'working' });
    try {
      const answer = await ask();
      setState(answer === undefined ? { kind: 'idle' } : { kind: 'done', answer });
    } catch (cause) {
      setState({ kind: 'failed', text: messageOf(cause) });
    }
  };
  return (
    <div className="on-demand" data-testid={testId}>
      {state.kind === 'working' ? <Outcome kind="working" text={working} /> : null}
      {state.kind === 'failed' ? <Outcome kind="failed" text={state.text} /> : null}
      {state.kind === 'done' ? children(state.answer) : null}
      <div>
        <IxButton variant="secondary" disabled={disabled || state.kind === 'working'} title={hint} onClick={() => void start()} data-testid={`${testId}-ask`}>
          {label}
        </IxButton>
      </div>
      {hint === undefined ? null : <p className="soft">{hint}</p>}
    </div>
  );
}
