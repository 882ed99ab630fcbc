import type { DeviceStatus } from '../clients/index.js';
import type { Metric, ProcessHealth, RedundancyStatus, WireAlarm } from '../contract/index.js';

export interface MetricParts {
  readonly status: RedundancyStatus;
  readonly devices: readonly DeviceStatus[];
  readonly points: number;
  /** Those that are not normal; normal ones count for nothing. */
  readonly alarms: Iterable<WireAlarm>;
  /** Virtual points whose expression has no value now. */
  readonly unknownExpressions?: number;
  readonly clients: number;
  readonly bufferedBytes: number;
  readonly process?: ProcessHealth | undefined;
}

const ROLES = ['starting', 'standby', 'active', 'yielding'] as const;

/** Of what is told of a device, what goes down again: times of polls, and what a device refuses now. All else only rises. */
const MS = /Ms$/;
const PRESENT = new Set(['holes']);

type Sample = Metric['samples'][number];

/** Of what drivers and their host tell of devices, what `wanted` says, one sample each. */
function ofDevices(devices: readonly DeviceStatus[], label: string, wanted: (name: string) => boolean, scale = 1): Sample[] {
  return devices.flatMap(({ name, counters }) => Object.entries(counters).filter(([counter]) => wanted(counter)).map(([counter, value]) => ({ labels: { device: name, [label]: counter.replace(MS, '') }, value: value * scale })));
}

/** Alarms that are not normal, by state and priority. */
function alarmSamples(alarms: Iterable<WireAlarm>): Sample[] {
  const counts = new Map<string, { readonly labels: Record<string, string>; value: number }>();
  for (const { state, priority } of alarms) {
    if (state === 'normal') continue;
    const key = `${state} ${priority}`;
    const sample = counts.get(key) ?? { labels: { state, priority: String(priority) }, value: 0 };
    sample.value++;
    counts.set(key, sample);
  }
  return [...counts.values()];
}

/** What a monitoring system asks of a node (C3); docs/rest-api.md has the list. */
export function metricsOf({ status, devices, points, alarms, unknownExpressions = 0, clients, bufferedBytes, process }: MetricParts): Metric[] {
  const gauge = (name: string, help: string, value: number): Metric => ({ name, help, type: 'gauge', samples: [{ value }] });
  return [
    { name: 'tandem_role', help: 'Role that this node plays now: 1 beside the one that it has', type: 'gauge', samples: ROLES.map((role) => ({ labels: { role }, value: status.self.role === role ? 1 : 0 })) },
    gauge('tandem_epoch', 'Number of the epoch that this node is in', status.epoch?.number ?? 0),
    { name: 'tandem_frames_total', help: 'Frames of the pair so far, over all activations of both nodes', type: 'counter', samples: [{ value: status.seq }] },
    gauge('tandem_sync_in_sync', 'Whether the other node holds everything: 1 or 0', status.sync.state === 'in-sync' ? 1 : 0),
    gauge('tandem_sync_lag_frames', 'Frames that the other node has not confirmed yet', status.sync.lagFrames),
    gauge('tandem_protected', 'Whether what is confirmed is on both disks: 1 or 0', status.protected ? 1 : 0),
    gauge('tandem_worst_detection_seconds', 'Longest time until a silent node is noticed, by the settings', status.worstDetectionMs / 1_000),
    gauge('tandem_points', 'Points of the configuration in force', points),
    gauge('tandem_expressions_unknown', 'Virtual points whose expression has no value now', unknownExpressions),
    gauge('tandem_clients', 'Open WebSockets', clients),
    gauge('tandem_clients_buffered_bytes', 'Bytes that wait for slow clients', bufferedBytes),
    { name: 'tandem_device_online', help: 'Whether a device answers: 1 or 0', type: 'gauge', samples: devices.map(({ name, driver, online }) => ({ labels: { device: name, driver }, value: online ? 1 : 0 })) },
    { name: 'tandem_device_counter_total', help: 'What a driver counts of a device: requests, timeouts …', type: 'counter', samples: ofDevices(devices, 'counter', (name) => !name.endsWith("Ms") && !PRESENT.has(name)) },
    { name: 'tandem_device_present', help: 'What a driver has of a device at present: register ranges that it refuses (holes)', type: 'gauge', samples: ofDevices(devices, 'what', (name) => PRESENT.has(name)) },
    { name: 'tandem_device_duration_seconds', help: 'Times of the polls of a device: the last, the longest, the longest wait', type: 'gauge', samples: ofDevices(devices, 'duration', (name) => name.endsWith("Ms"), 1 / 1_000) },
    { name: 'tandem_alarms', help: 'Alarms that are not normal, by state and priority', type: 'gauge', samples: alarmSamples(alarms) },
    ...(process === undefined
      ? []
      : [
          gauge('process_resident_memory_bytes', 'Memory of the process', process.rssBytes),
          gauge('nodejs_heap_size_used_bytes', 'Heap in use', process.heapBytes),
          { name: 'process_cpu_seconds_total', help: 'Processor time of the process', type: 'counter' as const, samples: [{ value: process.cpuSeconds }] },
          gauge('tandem_loop_stall_seconds', 'Longest stall of the event loop since the last scrape', process.loopStallMs / 1_000),
        ]),
  ];
}
