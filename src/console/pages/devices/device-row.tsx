import type { ReactNode } from 'react';
import type { DeviceRow as Device } from '../../data/devices-store.js';
import { counterValue, troublesOf } from '../../format/counters.js';
import { hrefOf } from '../../data/route.js';
import { texts } from '../../texts.js';
import { DeviceStateMark } from './device-state-mark.js';

const t = texts.devices;
const shownTroubles = 2;

interface DeviceRowProps {
  readonly device: Device;
  readonly position: number;
  readonly selected: boolean;
  readonly onOpen: (device: string) => void;
}

export function DeviceRow({ device, position, selected, onOpen }: DeviceRowProps): ReactNode {
  const troubles = troublesOf(device.counters);
  const { requests } = device.counters;
  // On a phone there is room for one of them.
  const tells = device.lastError !== undefined ? 'error' : troubles.length > 0 ? 'troubles' : 'nothing';
  return (
    <div className={selected ? 'table-row selected' : 'table-row'} role="row" aria-rowindex={position + 2} aria-selected={selected} data-testid="device-row" data-device={device.name} data-tells={tells}>
      <div role="cell" className="cell cell-name">
        <button type="button" className="link ellipsis" onClick={() => onOpen(device.name)} title={t.details(device.name)} data-testid="device-open">
          {device.name}
        </button>
      </div>
      <div role="cell" className="cell cell-state">
        <DeviceStateMark device={device} />
      </div>
      <div role="cell" className="cell soft cell-driver">
        {device.driver}
      </div>
      <div role="cell" className="cell soft cell-activity">
        {t.activity[device.activity]}
      </div>
      <div role="cell" className="cell cell-end number cell-points">
        <a href={hrefOf('points', { device: device.name })} title={t.showPoints(device.name)}>
          {device.points}
        </a>
      </div>
      <div role="cell" className="cell cell-end number cell-requests">
        {requests === undefined ? texts.none : counterValue('requests', requests)}
      </div>
      <div role="cell" className="cell cell-counters soft" title={troubles.join(', ')} data-testid="device-troubles">
        {troubles.length === 0 ? t.noTroubles : t.troubles(troubles.slice(0, shownTroubles).join(', '), Math.max(0, troubles.length - shownTroubles))}
      </div>
      <div role="cell" className="cell cell-error soft" title={device.lastError}>
        {device.lastError ?? t.noError}
      </div>
    </div>
  );
}
