import type { ReactNode } from 'react';
import { Drawer } from '../../components/drawer.js';
import { Facts } from '../../components/facts.js';
import type { DeviceRow as Device, PollCycle } from '../../data/devices-store.js';
import { hrefOf } from '../../data/route.js';
import { counterLabel, counterValue } from '../../format/counters.js';
import { formatDuration } from '../../format/times.js';
import { texts } from '../../texts.js';
import { ComparisonMark } from './comparison-mark.js';
import { DeviceIdentification } from './device-identification.js';
import { DeviceStateMark } from './device-state-mark.js';

const t = texts.devices;

/** One device with everything that is counted about it. */
export function DeviceDrawer({ device, onSignIn, onClose }: { readonly device: Device; readonly onSignIn: () => void; readonly onClose: () => void }): ReactNode {
  const counters = Object.entries(device.counters);
  return (
    <Drawer title={device.name} subtitle={device.driver} onClose={onClose} testId="device-drawer">
      <Facts
        items={[
          [t.columns.state, <DeviceStateMark device={device} />],
          [t.columns.activity, t.activity[device.activity]],
          ...(device.comparison === undefined ? [] : [[t.compared, <ComparisonMark comparison={device.comparison} />] as const]),
          [
            t.columns.points,
            <a href={hrefOf('points', { device: device.name })} title={t.showPoints(device.name)}>
              {device.points}
            </a>,
          ],
          [t.columns.error, device.lastError ?? t.noError],
        ]}
      />
      {device.cycles.length === 0 ? null : <h3>{t.cycles}</h3>}
      <Facts
        items={device.cycles.map((cycle) => [
          t.cycle(cycle.poll, formatDuration(cycle.periodMs)),
          <span className="number" data-testid={`cycle-${cycle.poll}`}>{describe(cycle)}</span>,
        ])}
      />
      <h3>{t.identification}</h3>
      <DeviceIdentification device={device.name} onSignIn={onSignIn} />
      <h3>{t.counters}</h3>
      <Facts items={counters.map(([name, value]) => [counterLabel(name), <span className="number">{counterValue(name, value)}</span>])} />
    </Drawer>
  );
}

/** Short while the class keeps to its period; with all figures once it did not. */
function describe({ cycleMs, pollMs, longestPollMs, overruns, missed }: PollCycle): string {
  const [took, longest] = [formatDuration(pollMs), formatDuration(longestPollMs)];
  return overruns === 0 ? t.cycleTook(took, longest) : t.cycleOverrun(formatDuration(cycleMs), took, longest, overruns, missed);
}
