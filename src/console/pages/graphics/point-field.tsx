import type { ReactNode } from 'react';
import { usePlant } from '../../data/services.js';
import { Field } from './field.js';

const mostFits = 30;

/** A point by its name, with what fits while it is typed. */
export function PointField({ label, value, onChange, testId }: { readonly label: string; readonly value: string; readonly onChange: (point: string) => void; readonly testId: string }): ReactNode {
  const points = usePlant((view) => view.points);
  const wanted = value.toLowerCase();
  const fits: string[] = [];
  for (const { name } of points) {
    if (fits.length === mostFits) break;
    if (name.toLowerCase().includes(wanted)) fits.push(name);
  }
  return <Field label={label} value={value} onChange={onChange} fits={fits} testId={testId} />;
}
