import type { ReactNode } from 'react';
import type { GraphicInfo } from '../../../contract/graphic.js';
import { useLoad } from '../../components/use-load.js';
import { readWritten } from '../../data/configuration.js';
import { parametersOf, type WrittenGraphic } from '../../data/graphic-draft.js';
import { checkGraphic } from '../../data/graphics.js';
import { hrefOf } from '../../data/route.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { graphicTexts } from '../../graphic-texts.js';
import { Field } from './field.js';

const t = graphicTexts.editor;

/** What a page gives to the drawing that it shows, and the way to that drawing. */
export function DrawingUse({ value, graphics, onChange }: { readonly value: WrittenGraphic; readonly graphics: readonly GraphicInfo[]; readonly onChange: (value: WrittenGraphic) => void }): ReactNode {
  const { session } = useServices();
  const token = useStore(session) ?? '';
  const url = usePlant((view) => view.nodeUrl);
  const { drawing = '', parameters = {}, title, area, under } = value;
  const others = graphics.filter((graphic) => graphic.drawing === drawing);
  const { value: needed, error } = useLoad(`${url} ${drawing} ${others.map(({ version }) => version).join()}`, async () => {
    if (url === '') return undefined;
    const written = (await readWritten(url, 'drawings', drawing)).value as WrittenGraphic | undefined;
    if (written?.svg === undefined) return undefined;
    const { drawing: clean } = await checkGraphic(url, 'drawings', drawing, { svg: written.svg }, token);
    return parametersOf({ ...written, ...(title === undefined ? {} : { title }), ...(area === undefined ? {} : { area }), ...(under === undefined ? {} : { under }) }, clean?.svg ?? '');
  });
  return (
    <fieldset className="graphic-fields" data-testid="graphic-use">
      <legend>
        {t.uses} <a href={hrefOf('graphics', { drawing, edit: '1' })}>{drawing}</a>
      </legend>
      {error === undefined ? null : <p className="soft">{error}</p>}
      {(needed ?? Object.keys(parameters)).map((name) => (
        <Field key={name} label={name} value={String(parameters[name] ?? '')} onChange={(text) => onChange({ ...value, parameters: { ...parameters, [name]: typed(text) } })} testId={`graphic-parameter-${name}`} />
      ))}
    </fieldset>
  );
}

/** A number where it reads as one: it may stand where only numbers can. */
function typed(text: string): string | number {
  return /^-?(0|[1-9]\d{0,14})(\.\d*[1-9])?$/.test(text) ? Number(text) : text;
}
