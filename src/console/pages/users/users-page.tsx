import { useState, type ReactNode } from 'react';
import { accessTexts } from '../../access-texts.js';
import { PageHeader } from '../../components/page-header.js';
import { Tabs } from '../../components/tabs.js';
import { SessionList } from './session-list.js';
import { TokenList } from './token-list.js';
import { UserList } from './user-list.js';

type Tab = 'users' | 'sessions' | 'tokens';
const t = accessTexts.users;

/** Who may sign in, who has, and what programs may do. */
export function UsersPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const [tab, setTab] = useState<Tab>('users');
  return (
    <>
      <PageHeader title={t.title}>
        <Tabs
          label={t.tabs.label}
          value={tab}
          options={[
            ['users', t.tabs.users],
            ['sessions', t.tabs.sessions],
            ['tokens', t.tabs.tokens],
          ]}
          onChange={setTab}
        />
      </PageHeader>
      {tab === 'users' ? <UserList onSignIn={onSignIn} /> : tab === 'sessions' ? <SessionList onSignIn={onSignIn} /> : <TokenList onSignIn={onSignIn} />}
    </>
  );
}
