import { iconConnected, iconDisconnected } from '@siemens/ix-icons/icons';
import type { ReactNode } from 'react';
import { Mark } from '../../components/mark.js';
import type { DeviceRow as Device } from '../../data/devices-store.js';
import { hrefOf } from '../../data/route.js';
import { texts } from '../../texts.js';

export function DeviceRow({ device, position, selected }: { readonly device: Device; readonly position: number; readonly selected: boolean }): ReactNode {
  const counters = Object.entries(device.counters);
  // A silent device is not talked to on purpose, so its being offline alarms nobody.
  const expected = device.activity !== 'silent';
  return (
    <div className={selected ? 'table-row selected' : 'table-row'} role="row" aria-rowindex={position + 2} aria-selected={selected} data-testid="device-row" data-device={device.name}>
      <div role="cell" className="cell cell-name">
        <a className="ellipsis" href={hrefOf('points', { device: device.name })} title={texts.devices.showPoints(device.name)}>
          {device.name}
        </a>
        {device.lastError === undefined ? null : (
          <span className="cell-second ellipsis" title={device.lastError}>
            {device.lastError}
          </span>
        )}
      </div>
      <div role="cell" className="cell cell-state">
        <Mark icon={device.online ? iconConnected : iconDisconnected} tone={device.online || !expected ? 'quiet' : 'alarm'} text={device.online ? texts.devices.online : texts.devices.offline} />
      </div>
      <div role="cell" className="cell soft cell-driver">
        {device.driver}
      </div>
      <div role="cell" className="cell soft cell-activity">
        {texts.devices.activity[device.activity]}
      </div>
      <div role="cell" className="cell cell-end number cell-points">
        {device.points}
      </div>
      <div role="cell" className="cell cell-counters soft">
        {counters.map(([name, value]) => (
          <span key={name} className="counter">
            {name} <span className="number">{value}</span>
          </span>
        ))}
      </div>
    </div>
  );
}
