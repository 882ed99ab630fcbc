import type { DeviceStatus } from '../clients/index.js';
import type { Metric, ProcessHealth, RedundancyStatus } from '../contract/index.js';

export interface MetricParts {
  readonly status: RedundancyStatus;
  readonly devices: readonly DeviceStatus[];
  readonly points: number;
  /** Virtual points whose expression has no value now. */
  readonly unknownExpressions?: number;
  readonly clients: number;
  readonly bufferedBytes: number;
  readonly process?: ProcessHealth | undefined;
}

const ROLES = ['starting', 'standby', 'active', 'yielding'] as const;

/** What a monitoring system asks of a node (C3); docs/rest-api.md has the list. */
export function metricsOf({ status, devices, points, unknownExpressions = 0, clients, bufferedBytes, process }: MetricParts): Metric[] {
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
    { name: 'tandem_device_counter_total', help: 'What a driver counts of a device: requests, timeouts …', type: 'counter', samples: devices.flatMap(({ name, counters }) => Object.entries(counters).map(([counter, value]) => ({ labels: { device: name, counter }, value }))) },
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
