import { IxButton } from '@siemens/ix-react';
import { useId, useState, type ReactNode } from 'react';
import type { GraphicInfo } from '../../../contract/graphic.js';
import { useServices } from '../../data/services.js';
import { graphicTexts as t } from '../../graphic-texts.js';

/** Names a page that is not there yet; its editor does the rest. */
export function NewGraphic({ taken }: { readonly taken: readonly GraphicInfo[] }): ReactNode {
  const { router } = useServices();
  const id = useId();
  const [name, setName] = useState('');
  const fits = name.trim() !== '' && !taken.some((graphic) => graphic.name === name.trim());
  return (
    <details className="graphic-new">
      <summary>{t.add}</summary>
      <form
        className="actions"
        onSubmit={(event) => {
          event.preventDefault();
          if (!fits) return;
          setName('');
          router.go('graphics', { name: name.trim(), edit: '1' });
        }}
      >
        <label htmlFor={id}>{t.editor.name}</label>
        <input id={id} className="plain-input narrow" value={name} maxLength={120} onChange={(event) => setName(event.currentTarget.value)} data-testid="graphic-new-name" />
        <IxButton type="submit" variant="secondary" disabled={!fits} data-testid="graphic-new">
          {t.editor.create}
        </IxButton>
      </form>
    </details>
  );
}
