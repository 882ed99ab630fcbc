import { IxModal, IxModalContent, IxModalFooter, IxModalHeader } from '@siemens/ix-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { texts } from '../texts.js';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly footer: ReactNode;
  readonly children: ReactNode;
  readonly testId?: string;
}

/** A modal dialog: Escape and the cross close it, the focus returns to where it came from. */
export function Dialog({ title, onClose, footer, children, testId }: DialogProps): ReactNode {
  const modal = useRef<HTMLIxModalElement>(null);
  const titleId = useId();

  useEffect(() => {
    const element = modal.current;
    const before = document.activeElement;
    // The element renders itself first; opening it earlier finds no dialog in its shadow root.
    const frame = requestAnimationFrame(() => void element?.showModal());
    return () => {
      cancelAnimationFrame(frame);
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);

  return (
    <IxModal ref={modal} size="480" beforeDismiss={() => true} onDialogDismiss={onClose} onDialogClose={onClose} aria-labelledby={titleId} data-testid={testId}>
      <IxModalHeader ariaLabelCloseIconButton={texts.close}>
        <span id={titleId}>{title}</span>
      </IxModalHeader>
      <IxModalContent>{children}</IxModalContent>
      <IxModalFooter>{footer}</IxModalFooter>
    </IxModal>
  );
}
