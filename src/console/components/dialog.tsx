import { IxModal, IxModalContent, IxModalFooter, IxModalHeader } from '@siemens/ix-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { texts } from '../texts.js';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly footer: ReactNode;
  readonly children: ReactNode;
  readonly testId?: string;
  /** Neither Escape nor the cross close it. */
  readonly stays?: boolean;
}

/** A modal dialog: Escape and the cross close it (unless it `stays`), the focus returns to where it came from. */
export function Dialog({ title, onClose, footer, children, testId, stays = false }: DialogProps): ReactNode {
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

  useEffect(() => {
    if (!stays) return undefined;
    // Pressed again and again, Escape closes even what wants to stay, and what lies below it.
    const keep = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') event.preventDefault();
    };
    window.addEventListener('keydown', keep, { capture: true });
    return () => window.removeEventListener('keydown', keep, { capture: true });
  }, [stays]);
  // A phone has other ways to close one.
  const closed = (): void => {
    if (stays) void modal.current?.showModal();
    else onClose();
  };

  return (
    <IxModal ref={modal} size="480" beforeDismiss={() => !stays} onDialogDismiss={closed} onDialogClose={closed} aria-labelledby={titleId} data-testid={testId}>
      <IxModalHeader hideClose={stays} ariaLabelCloseIconButton={texts.close}>
        <span id={titleId}>{title}</span>
      </IxModalHeader>
      <IxModalContent>{children}</IxModalContent>
      <IxModalFooter>{footer}</IxModalFooter>
    </IxModal>
  );
}
