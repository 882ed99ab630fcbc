import type { ReactNode } from 'react';
import type { Loaded } from '../../components/use-load.js';
import { parametersOf, type WrittenGraphic } from '../../data/graphic-draft.js';
import { hrefOf } from '../../data/route.js';
import { graphicTexts } from '../../graphic-texts.js';
import { Field } from './field.js';
import type { SharedDrawing } from './use-shared-drawing.js';

const t = graphicTexts.editor;

interface DrawingUseProps {
  readonly value: WrittenGraphic;
  readonly shared: Loaded<SharedDrawing | undefined>;
  readonly onChange: (value: WrittenGraphic) => void;
}

/** What a page gives to the drawing that it shows, and the way to that drawing. */
export function DrawingUse({ value, shared: { value: shared, error }, onChange }: DrawingUseProps): ReactNode {
  const { drawing = '', parameters = {}, title, area, under } = value;
  const needed = shared === undefined ? undefined : parametersOf({ ...shared.written, ...(title === undefined ? {} : { title }), ...(area === undefined ? {} : { area }), ...(under === undefined ? {} : { under }) }, shared.svg);
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
