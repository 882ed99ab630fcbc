import { IxButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import type { DrawnElement, ElementBinding, GraphicInfo } from '../../../contract/graphic.js';
import { compactly } from '../../data/graphic-draft.js';
import { graphicTexts } from '../../graphic-texts.js';
import { Field, numberIn, Pick } from './field.js';
import { PointField } from './point-field.js';
import { RuleList } from './rule-list.js';

const t = graphicTexts.editor;

interface ElementFormProps {
  readonly element: DrawnElement;
  readonly binding: ElementBinding;
  readonly graphics: readonly GraphicInfo[];
  readonly onChange: (binding: ElementBinding | undefined) => void;
}

/** What one element does: its point, its text, its colours, and what a click opens. */
export function ElementForm({ element, binding, graphics, onChange }: ElementFormProps): ReactNode {
  const { point, label, text, level, turn, open } = binding;
  const change = (part: { readonly [K in keyof ElementBinding]?: ElementBinding[K] | undefined }): void => onChange(compactly<ElementBinding>({ ...binding, ...part }));
  const isText = element.kind === 'text' || element.kind === 'tspan';
  const details = text === undefined || text === true ? {} : text;
  const changeText = (part: Record<string, unknown>): void => {
    const next = compactly<Record<string, unknown>>({ ...details, ...part });
    change({ text: Object.keys(next).length === 0 ? true : next });
  };
  const opens = [['default', t.opens.default], ['command', t.opens.command], ['nothing', t.opens.nothing], ...graphics.map(({ name, title }) => [`graphic ${name}`, t.opensGraphic(title)] as const)] as const;
  return (
    <div className="graphic-form" data-testid="element-form" data-element={element.id}>
      <h3>{`${element.id} <${element.kind}>`}</h3>
      <PointField label={t.point} value={point ?? ''} onChange={(name) => change({ point: name })} testId="element-point" />
      <Field label={t.label} value={label ?? ''} onChange={(name) => change({ label: name })} testId="element-label" />
      {isText ? (
        <fieldset>
          <legend>{t.text}</legend>
          <span className="check">
            <input id={`text-${element.id}`} type="checkbox" checked={text !== undefined} onChange={(event) => change({ text: event.currentTarget.checked ? true : undefined })} data-testid="element-text" />
            <label htmlFor={`text-${element.id}`}>{t.text}</label>
          </span>
          {text === undefined ? null : (
            <>
              <Pick label={t.decimals} value={String(details.decimals ?? '')} options={[['', t.automatic], ...['0', '1', '2', '3'].map((digits) => [digits, digits] as const)]} onChange={(digits) => changeText({ decimals: numberIn(digits) })} testId="element-decimals" />
              <span className="check">
                <input id={`unit-${element.id}`} type="checkbox" checked={details.unit !== false} onChange={(event) => changeText({ unit: event.currentTarget.checked ? undefined : false })} data-testid="element-unit" />
                <label htmlFor={`unit-${element.id}`}>{t.unit}</label>
              </span>
              <Field label={t.before} value={details.before ?? ''} onChange={(before) => changeText({ before })} testId="element-before" />
            </>
          )}
        </fieldset>
      ) : null}
      {(['fill', 'stroke', 'show', 'spin'] as const).map((kind) => <RuleList key={kind} kind={kind} point={point} rules={binding[kind] ?? []} onChange={(rules) => change({ [kind]: rules })} />)}
      <fieldset>
        <legend>{t.level}</legend>
        <Pick label={t.grows} value={level === undefined ? '' : (level as Partial<typeof level>).grows ?? 'up'} options={[['', graphicTexts.noAlarm], ...Object.entries(t.growing)]} onChange={(grows) => change({ level: grows === '' ? undefined : { ...(level ?? { from: 0, to: 100 }), grows: grows as 'up' } })} testId="element-level" />
        {level === undefined ? null : <Range range={level} onChange={(range) => change({ level: { ...level, ...range } })} />}
      </fieldset>
      <fieldset>
        <legend>{t.turn}</legend>
        <Field label={t.degrees} kind="number" value={turn === undefined ? '' : String((turn as Partial<typeof turn>).degrees ?? 90)} onChange={(degrees) => change({ turn: numberIn(degrees) === undefined ? undefined : { ...(turn ?? { from: 0, to: 100 }), degrees: Number(degrees) } })} testId="element-turn" />
        {turn === undefined ? null : <Range range={turn} onChange={(range) => change({ turn: { ...turn, ...range } })} />}
      </fieldset>
      <Pick label={t.open} value={typeof open === 'object' ? `graphic ${open.graphic}` : open === undefined || open === 'point' ? 'default' : open} options={opens} onChange={(next) => change({ open: next === 'default' ? undefined : next.startsWith('graphic ') ? { graphic: next.slice('graphic '.length) } : (next as 'command' | 'nothing') })} testId="element-open" />
      <IxButton variant="subtle-primary" disabled={Object.keys(binding).length === 0} onClick={() => onChange(undefined)} data-testid="element-unbind">
        {t.unbind}
      </IxButton>
    </div>
  );
}

function Range({ range, onChange }: { readonly range: { readonly from?: number; readonly to?: number }; readonly onChange: (range: { readonly from: number; readonly to: number }) => void }): ReactNode {
  const { from = 0, to = 100 } = range;
  return (
    <>
      <Field label={t.from} kind="number" value={String(from)} onChange={(text) => onChange({ from: numberIn(text) ?? 0, to })} testId="element-from" />
      <Field label={t.to} kind="number" value={String(to)} onChange={(text) => onChange({ from, to: numberIn(text) ?? 100 })} testId="element-to" />
    </>
  );
}
