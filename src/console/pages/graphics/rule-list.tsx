import { IxButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import { graphicColours, type ColourRule, type GraphicCondition, type GraphicValue } from '../../../contract/graphic.js';
import { compactly } from '../../data/graphic-draft.js';
import { usePlant } from '../../data/services.js';
import { graphicTexts } from '../../graphic-texts.js';
import { Field, numberIn, Pick } from './field.js';
import { PointField } from './point-field.js';

const t = graphicTexts.editor;
const colours = graphicColours.map((colour) => [colour, colour] as const);

interface RuleListProps {
  readonly kind: 'fill' | 'stroke' | 'show' | 'spin';
  readonly point: string | undefined;
  readonly rules: readonly (GraphicCondition | ColourRule)[];
  readonly onChange: (rules: readonly (GraphicCondition | ColourRule)[]) => void;
}

/** Rules of one part of an element; of colours the first that holds counts, of the others any. */
export function RuleList({ kind, point: own, rules, onChange }: RuleListProps): ReactNode {
  const points = usePlant((view) => view.points);
  const coloured = kind === 'fill' || kind === 'stroke';
  const change = (at: number, part: Partial<Record<keyof ColourRule, unknown>>): void => onChange(rules.map((rule, index) => (index === at ? compactly<ColourRule>({ ...rule, ...part } as ColourRule) : rule)));
  return (
    <fieldset>
      <legend>{t.rules[kind]}</legend>
      {rules.map((rule, index) => {
        const states = points.find(({ name }) => name === (rule.point ?? own))?.states;
        return (
          <div key={index} className="graphic-rule">
            <Field label={t.is} value={rule.is === undefined ? '' : [rule.is].flat().join(', ')} fits={states} onChange={(text) => change(index, { is: valuesIn(text, states) })} testId={`rule-${kind}-is`} />
            {coloured ? <Pick label={t.colour} value={'colour' in rule ? rule.colour : 'normal'} options={'colour' in rule && rule.colour.startsWith('#') ? [...colours, [rule.colour, rule.colour]] : colours} onChange={(colour) => change(index, { colour })} testId={`rule-${kind}-colour`} /> : <span />}
            <Field label={t.above} kind="number" value={String(rule.above ?? '')} onChange={(text) => change(index, { above: numberIn(text) })} testId={`rule-${kind}-above`} />
            <Field label={t.below} kind="number" value={String(rule.below ?? '')} onChange={(text) => change(index, { below: numberIn(text) })} testId={`rule-${kind}-below`} />
            <PointField label={t.rulePoint} value={rule.point ?? ''} onChange={(name) => change(index, { point: name })} testId={`rule-${kind}-point`} />
            <IxButton variant="subtle-primary" onClick={() => onChange(rules.filter((_, at) => at !== index))} data-testid={`rule-${kind}-remove`}>
              {t.removeRule}
            </IxButton>
          </div>
        );
      })}
      <IxButton variant="subtle-primary" onClick={() => onChange([...rules, coloured ? { colour: 'normal' } : {}])} data-testid={`rule-${kind}-add`}>
        {t.addRule}
      </IxButton>
    </fieldset>
  );
}

/** `run`, `run, ready`, `3`: names of states stay texts, what else reads as a number is one. */
function valuesIn(text: string, states: readonly string[] | undefined): GraphicValue | readonly GraphicValue[] | undefined {
  const values = text.split(',').map((part) => part.trim()).filter((part) => part !== '').map((part) => (states === undefined && Number.isFinite(Number(part)) ? Number(part) : part));
  return values.length > 1 ? values : values[0];
}
