import '@siemens/ix/dist/siemens-ix/siemens-ix-core.css';
import '@siemens/ix/dist/siemens-ix/theme/classic-dark.css';
import '@siemens/ix/dist/siemens-ix/theme/classic-light.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { Account } from './data/account.js';
import { AlarmSound } from './data/alarm-sound.js';
import { DevicesStore } from './data/devices-store.js';
import { Drafts } from './data/drafts.js';
import { Plant } from './data/plant.js';
import { reloadWhenPolicyIsOld } from './data/policy-reload.js';
import { useCredential } from './data/rest.js';
import { RedundancyStore } from './data/redundancy-store.js';
import { Router } from './data/route.js';
import { ServicesContext } from './data/services.js';
import { Awaited } from './data/awaited.js';
import { Session } from './data/session.js';
import { Theme } from './data/theme.js';
import './styles/access.css';
import './styles/layout.css';
import './styles/detail.css';
import './styles/graphics.css';
import './styles/parts.css';
import './styles/redundancy.css';
import './styles/table.css';
import './styles/workbench.css';

// The composition root of the console.
const ownUrl = new URL('.', window.location.href).href.replace(/\/$/, '');
const session = new Session();
useCredential(() => session.get());
const account = new Account(ownUrl, session);
const plant: Plant = new Plant(session, () => redundancy.refresh(), () => account.refused(), (user) => account.rolesAre(user.name, user));
const redundancy = new RedundancyStore(ownUrl, (urls) => plant.follow(urls));
const devices = new DevicesStore(() => plant.get().nodeUrl || ownUrl);
const services = { plant, redundancy, devices, session, account, drafts: new Drafts(), awaited: new Awaited(), theme: new Theme(), sound: new AlarmSound(), router: new Router() };

reloadWhenPolicyIsOld();

// Nothing is asked for before somebody may be told.
let started = false;
account.subscribe(() => {
  const { state } = account.get();
  if (started || (state !== 'in' && state !== 'open')) return;
  started = true;
  redundancy.start();
});
void account.start();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <ServicesContext value={services}>
      <App />
    </ServicesContext>
  </StrictMode>,
);
