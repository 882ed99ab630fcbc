import { iconNetworkDevice } from '@siemens/ix-icons/icons';
import { useEffect, useState, type ReactNode } from 'react';
import { Empty } from '../../components/empty.js';
import { PageHeader } from '../../components/page-header.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { DeviceDrawer } from './device-drawer.js';
import { DeviceRow } from './device-row.js';

const { columns: titles } = texts.devices;
const columns: readonly Column[] = [
  { key: 'device', title: titles.device },
  { key: 'state', title: titles.state },
  { key: 'driver', title: titles.driver },
  { key: 'activity', title: titles.activity },
  { key: 'points', title: titles.points, align: 'end' },
  { key: 'requests', title: titles.requests, align: 'end' },
  { key: 'troubles', title: titles.troubles },
  { key: 'error', title: titles.error },
];

/** The field devices of the node that is followed, with their state and counters. */
export function DevicesPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { devices } = useServices();
  const rows = useStore(devices);
  const [opened, setOpened] = useState<string>();
  const detailed = rows.find((row) => row.name === opened);
  useEffect(() => {
    devices.start();
    return () => devices.stop();
  }, [devices]);
  const online = rows.filter((row) => row.online).length;
  return (
    <>
      <PageHeader title={texts.pages.devices} subtitle={texts.devices.summary(online, rows.length)} />
      {rows.length === 0 ? (
        <Empty icon={iconNetworkDevice} header={texts.devices.none} detail={texts.devices.noneDetail} />
      ) : (
        <VirtualTable
          label={texts.devices.table}
          kind="devices"
          columns={columns}
          count={rows.length}
          onOpen={(index) => setOpened(rows[index]?.name)}
          renderRow={(index, selected) => {
            const row = rows[index];
            return row === undefined ? null : <DeviceRow key={row.name} device={row} position={index} selected={selected} onOpen={setOpened} />;
          }}
        />
      )}
      {detailed === undefined ? null : <DeviceDrawer key={detailed.name} device={detailed} onSignIn={onSignIn} onClose={() => setOpened(undefined)} />}
    </>
  );
}
