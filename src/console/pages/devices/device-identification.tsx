import type { ReactNode } from 'react';
import { Facts } from '../../components/facts.js';
import { OnDemand } from '../../components/on-demand.js';
import { isWritable } from '../../data/plant-view.js';
import { getJsonAs } from '../../data/rest.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';

const t = texts.devices;

/** `GET /api/v1/devices/{name}/identification`. */
interface Identification {
  readonly identification: readonly { readonly name: string; readonly value: string }[];
}

/** What the device says of itself, asked when a person wants to know: some devices do not take the question well. */
export function DeviceIdentification({ device, onSignIn }: { readonly device: string; readonly onSignIn: () => void }): ReactNode {
  const { session } = useServices();
  const token = useStore(session);
  const live = usePlant(isWritable);
  const url = usePlant((view) => view.nodeUrl);
  const ask = async (): Promise<Identification | undefined> => {
    if (token === undefined) {
      onSignIn();
      return undefined;
    }
    try {
      return (await getJsonAs(url, `api/v1/devices/${encodeURIComponent(device)}/identification`, token)) as Identification;
    } catch (cause) {
      throw cause;
    }
  };
  return (
    <OnDemand label={t.identify} working={t.identifying} disabled={!live} hint={live ? undefined : t.identifyStandby} ask={ask} testId="identification">
      {({ identification }) => (identification.length === 0 ? <p className="soft">{t.identifyNothing}</p> : <Facts items={identification.map(({ name, value }) => [name, value])} />)}
    </OnDemand>
  );
}
