import { IxButton } from '@siemens/ix-react';
import { useId, useState, type ReactNode } from 'react';
import type { GraphicInfo } from '../../../contract/graphic.js';
import { useServices } from '../../data/services.js';
import { draftText } from '../../data/definition-draft.js';
import { emptyGraphic, type WrittenGraphic } from '../../data/graphic-draft.js';
import { graphicTexts as t } from '../../graphic-texts.js';
import { Pick } from './field.js';

/** Names a page that is not there yet; its editor does the rest. */
export function NewGraphic({ taken }: { readonly taken: readonly GraphicInfo[] }): ReactNode {
  const { router, drafts } = useServices();
  const id = useId();
  const [name, setName] = useState('');
  const [from, setFrom] = useState('');
  const drawings = [...new Set(taken.flatMap(({ drawing }) => drawing ?? []))];
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
          const chosen = from.startsWith('show ') ? from.slice('show '.length) : undefined;
          if (chosen !== undefined) drafts.put(`graphic ${name.trim()}`, draftText<WrittenGraphic>({ base: '', value: { drawing: chosen, parameters: {} } }));
          if (from === 'many') drafts.put(`drawing ${name.trim()}`, draftText({ base: '', value: emptyGraphic }));
          router.go('graphics', { [from === 'many' ? 'drawing' : 'name']: name.trim(), edit: '1' });
        }}
      >
        <label htmlFor={id}>{t.editor.name}</label>
        <input id={id} className="plain-input narrow" value={name} maxLength={120} onChange={(event) => setName(event.currentTarget.value)} data-testid="graphic-new-name" />
        <Pick label={t.editor.whose} value={from} options={[['', t.editor.ownDrawing], ...drawings.map((drawing) => [`show ${drawing}`, t.editor.ofMany(drawing)] as const), ['many', t.editor.newOfMany]]} onChange={setFrom} testId="graphic-new-from" />
        <IxButton type="submit" variant="secondary" disabled={!fits} data-testid="graphic-new">
          {t.editor.create}
        </IxButton>
      </form>
    </details>
  );
}
