import type { ReactNode } from 'react';
import type { ConfigurationDiff } from '../../../contract/configuration.js';
import { Patch } from '../../components/patch.js';
import { texts } from '../../texts.js';

const t = texts.configuration;

/** Two revisions: which definitions differ, then line by line. */
export function Differences({ diff }: { readonly diff: ConfigurationDiff }): ReactNode {
  const isSame = diff.changes.length === 0 && !/^[+-](?![+-])/m.test(diff.patch);
  return (
    <section aria-label={t.differences} data-testid="configuration-differences">
      <h2>{t.differences}</h2>
      {isSame ? <p className="soft">{t.same}</p> : null}
      <ul className="changes">
        {diff.changes.map(({ section, name, change }) => (
          <li key={`${section} ${name}`}>
            <code>{name === '' ? section : `${section} ${name}`}</code> <span className="soft">{t.change[change]}</span>
          </li>
        ))}
      </ul>
      {isSame ? null : <Patch text={diff.patch} label={t.differences} />}
    </section>
  );
}
