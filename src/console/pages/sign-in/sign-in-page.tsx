import type { ReactNode } from 'react';
import { accessTexts } from '../../access-texts.js';
import { SignInForm } from '../../components/sign-in-form.js';
import { useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { SetUpForm } from './set-up-form.js';

/** All that there is to see before somebody has signed in. */
export function SignInPage(): ReactNode {
  const { account } = useServices();
  const { site, needsSetUp } = useStore(account);
  return (
    <main className="sign-in-page" data-testid={needsSetUp ? 'set-up-page' : 'sign-in-page'}>
      <section className="panel sign-in-panel" aria-labelledby="sign-in-title">
        <p className="soft">{texts.product}</p>
        <h1 id="sign-in-title">{needsSetUp ? accessTexts.setUp.title : accessTexts.signIn.title}</h1>
        <p className="soft">{accessTexts.signIn.site(site)}</p>
        {needsSetUp ? <SetUpForm /> : <SignInForm onDone={() => undefined} />}
      </section>
    </main>
  );
}
