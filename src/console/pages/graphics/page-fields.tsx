import type { ReactNode } from 'react';
import type { GraphicInfo } from '../../../contract/graphic.js';
import { compactly, type WrittenGraphic } from '../../data/graphic-draft.js';
import { usePlant } from '../../data/services.js';
import { graphicTexts } from '../../graphic-texts.js';
import { Field, Pick } from './field.js';

const t = graphicTexts.editor;

/** Title, place in the tree and colours of a page. */
export function PageFields({ name, value, graphics, onChange }: { readonly name: string; readonly value: WrittenGraphic; readonly graphics: readonly GraphicInfo[]; readonly onChange: (value: WrittenGraphic) => void }): ReactNode {
  const areas = usePlant((view) => view.points).flatMap(({ area }) => area ?? []);
  const change = (part: { readonly [K in keyof WrittenGraphic]?: WrittenGraphic[K] | undefined }): void => onChange({ ...compactly<WrittenGraphic>({ ...value, ...part }), ...(value.svg === undefined ? {} : { svg: value.svg }) });
  return (
    <div className="graphic-fields">
      <Field label={t.title} value={value.title ?? ''} onChange={(title) => change({ title })} testId="graphic-title" />
      <Field label={t.area} value={value.area ?? ''} fits={[...new Set(areas)].slice(0, 200)} onChange={(area) => change({ area })} testId="graphic-area" />
      <Pick label={t.under} value={value.under ?? ''} options={[['', t.byArea], ...graphics.filter((other) => other.name !== name).map((other) => [other.name, other.title] as const)]} onChange={(under) => change({ under })} testId="graphic-under" />
      <Pick label={t.colours} value={value.colours ?? 'theme'} options={Object.entries(t.colourKinds)} onChange={(colours) => change({ colours: colours === 'drawn' ? 'drawn' : undefined })} testId="graphic-colours" />
    </div>
  );
}
