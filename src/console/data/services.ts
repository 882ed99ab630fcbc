import { createContext, use, useSyncExternalStore } from 'react';
import type { UserRole } from '../../contract/access.js';
import type { AlarmSound } from './alarm-sound.js';
import { mayAs, type Account } from './account.js';
import type { DevicesStore } from './devices-store.js';
import type { Drafts } from './drafts.js';
import type { Plant } from './plant.js';
import type { PlantView } from './plant-view.js';
import type { RedundancyStore } from './redundancy-store.js';
import type { Router } from './route.js';
import type { Session } from './session.js';
import type { Store } from './store.js';
import type { Theme } from './theme.js';

/** Everything the components reach besides their properties; made once in main.tsx. */
export interface Services {
  readonly plant: Plant;
  readonly redundancy: RedundancyStore;
  readonly devices: DevicesStore;
  readonly session: Session;
  /** Who uses this page. */
  readonly account: Account;
  readonly drafts: Drafts;
  readonly theme: Theme;
  readonly sound: AlarmSound;
  readonly router: Router;
}

export const ServicesContext = createContext<Services | undefined>(undefined);

export function useServices(): Services {
  const services = use(ServicesContext);
  if (services === undefined) throw new Error('a component is outside of ServicesContext');
  return services;
}

/** Whether who is signed in may do what needs `role`; true where nobody is, because the node asks then. */
export function useMay(role: UserRole): boolean {
  const { account } = useServices();
  return mayAs(useStore(account), role);
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** A part of the plant view. The component renders again only when that part is another one. */
export function usePlant<T>(select: (view: PlantView) => T): T {
  const { plant } = useServices();
  return useSyncExternalStore(plant.subscribe, () => select(plant.get()));
}
