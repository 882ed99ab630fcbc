import type { ReactNode } from 'react';
import type { Problem } from '../../../contract/problems.js';
import { texts } from '../../texts.js';

const t = texts.configuration;

/** All that a check found, with its place in the text. */
export function ProblemList({ problems }: { readonly problems: readonly Problem[] }): ReactNode {
  return (
    <section aria-label={t.problems}>
      <h2>{t.problems}</h2>
      <ul className="problems" data-testid="configuration-problems">
        {problems.map((problem) => (
          <li key={JSON.stringify(problem)} data-severity={problem.severity}>
            <strong>{t.severity[problem.severity]}</strong> {problem.message} <code>{problem.code}</code>
            <span className="soft">{t.problem(problem.line, problem.column, problem.path)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
