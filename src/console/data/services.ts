import { createContext, use, useCallback, useSyncExternalStore } from 'react';
import type { UserRole } from '../../contract/access.js';
import type { WireAlarm } from '../../contract/client-protocol.js';
import { areasOfAlarm } from '../format/areas.js';
import type { AlarmSound } from './alarm-sound.js';
import { mayAs, mayAt, maySomewhere, type Account } from './account.js';
import type { Awaited } from './awaited.js';
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
  readonly awaited: Awaited;
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
  return mayAs(useStore(account).user, role);
}

/** Whether there is any part of the site where they may. */
export function useMaySomewhere(role: UserRole): boolean {
  const { account } = useServices();
  const { user } = useStore(account);
  return maySomewhere(user, role);
}

/** The first area of an alarm for which `role` is missing (`null`: the site as a whole); undefined: they may. */
export function useMissingFor(role: UserRole): (alarm: WireAlarm) => string | null | undefined {
  const { account, plant } = useServices();
  const { user } = useStore(account);
  return useCallback(
    (alarm: WireAlarm) => {
      if (user?.areas === undefined) return mayAt(user, role, undefined) ? undefined : null;
      const missing = areasOfAlarm(alarm, plant.get().points).find((area) => !mayAt(user, role, area ?? undefined));
      return missing;
    },
    [user, role, plant],
  );
}

/** The same for what lies in an area (undefined: in none), as a question: a table asks it of each row. */
export function useMayAt(role: UserRole): (area: string | undefined) => boolean {
  const { account } = useServices();
  const { user } = useStore(account);
  return useCallback((area: string | undefined) => mayAt(user, role, area), [user, role]);
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** A part of the plant view. The component renders again only when that part is another one. */
export function usePlant<T>(select: (view: PlantView) => T): T {
  const { plant } = useServices();
  return useSyncExternalStore(plant.subscribe, () => select(plant.get()));
}
