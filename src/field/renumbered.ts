import type { DeviceDefinition, DeviceEventReport, SampleBatch } from '../contract/index.js';

/**
 * The ids of a device's points change when the configuration does (docs/decisions/0003); a device that has not changed
 * itself keeps its driver, which goes on under the ids that it was made with. This is the translation.
 */
export class Renumbered {
  private readonly toPresent: ReadonlyMap<number, number>;
  private readonly toDriver: ReadonlyMap<number, number>;

  /** Both list the same points in the same order. */
  constructor(driver: DeviceDefinition, present: DeviceDefinition) {
    const pairs = driver.points.map((point, index) => [point.id, present.points[index]?.id ?? point.id] as const);
    this.toPresent = new Map(pairs);
    this.toDriver = new Map(pairs.map(([own, now]) => [now, own]));
  }

  present(batch: SampleBatch): SampleBatch {
    return { ...batch, points: batch.points.map((id) => this.toPresent.get(id) ?? id) };
  }

  report(report: DeviceEventReport): DeviceEventReport {
    const named = <T extends { readonly point?: number }>(of: T): T => (of.point === undefined ? of : { ...of, point: this.toPresent.get(of.point) ?? of.point });
    return report.kind === 'event' ? { ...report, event: named(report.event) } : { ...report, objects: report.objects.map(named) };
  }

  point(id: number): number {
    return this.toPresent.get(id) ?? id;
  }

  driver(id: number): number {
    return this.toDriver.get(id) ?? id;
  }
}
