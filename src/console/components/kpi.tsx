import { IxIcon } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import type { Tone } from './mark.js';

interface KpiProps {
  readonly label: string;
  readonly value: string | number;
  readonly detail?: string;
  readonly tone?: Tone;
  /** Shown beside the value where the tone is not quiet: the colour's shape. */
  readonly icon?: string;
  readonly href: string;
  readonly testId: string;
}

/** One figure that leads to the page which explains it. */
export function Kpi({ label, value, detail, tone = 'quiet', icon, href, testId }: KpiProps): ReactNode {
  return (
    <a className={`kpi tone-${tone}`} href={href} data-testid={testId}>
      <span className="kpi-label">{label}</span>
      <span className="kpi-value number">
        {icon === undefined || tone === 'quiet' || tone === 'plain' ? null : <IxIcon name={icon} size="24" aria-hidden="true" />}
        {value}
      </span>
      <span className="kpi-detail">{detail ?? ' '}</span>
    </a>
  );
}
