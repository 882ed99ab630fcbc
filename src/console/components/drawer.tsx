import { iconClose } from '@siemens/ix-icons/icons';
import { IxIconButton } from '@siemens/ix-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { texts } from '../texts.js';

interface DrawerProps {
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly testId: string;
}

/** Details beside the table, which stays usable. Escape closes it, the focus returns to where it came from. */
export function Drawer({ title, subtitle, onClose, children, testId }: DrawerProps): ReactNode {
  const element = useRef<HTMLElement>(null);
  const titleId = useId();

  useEffect(() => {
    const before = document.activeElement;
    element.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  useEffect(() => {
    // What had the keyboard may be gone or greyed out: then nobody has it, and Escape is meant for the drawer all the same, unless a dialog is open over it.
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && document.activeElement === document.body && document.querySelector('ix-modal') === null) onClose();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [onClose]);

  return (
    <aside
      ref={element}
      className="drawer"
      aria-labelledby={titleId}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
      data-testid={testId}
    >
      <header className="drawer-header">
        <div className="line-main">
          <h2 id={titleId}>{title}</h2>
          {subtitle === undefined ? null : <p className="soft">{subtitle}</p>}
        </div>
        <IxIconButton variant="subtle-tertiary" icon={iconClose} onClick={onClose} aria-label={texts.close} title={texts.close} data-testid="drawer-close" />
      </header>
      {children}
    </aside>
  );
}
