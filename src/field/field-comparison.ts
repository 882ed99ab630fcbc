import { MOST_DIFFERENCES, qualityLevel, qualityReason, type ComparedDevice, type DeviceDefinition, type DriverPoint, type FieldComparison, type FieldDifference, type PointValue, type PollingSettings, type Quality, type SampleBatch } from '../contract/index.js';
import { comparePoint, type CompareRules, type CompareTime, type PointSide, type Suspect } from './compare-point.js';
import { comparePeriodMs } from './poll-plan.js';

/** The image that both nodes hold. */
export interface ComparedImage {
  value(point: number): PointValue;
  quality(point: number): Quality;
}

export interface ComparisonOptions {
  /** This node. */
  readonly node: string;
  /** Under the configuration in force. */
  readonly image: () => ComparedImage;
  /** A person has cut it off from its device: the image says something else on purpose. */
  readonly isHeld: (point: string) => boolean;
  /** Beyond what polls take: how long a change may go unnoticed by the active node without a fault (driver contract). */
  readonly unnoticedMs: (device: DeviceDefinition, point: DriverPoint) => number;
}

interface Compared {
  readonly name: string;
  readonly points: readonly DriverPoint[];
  /** Something of it has been compared. */
  heard: boolean;
  /** Since when it does not answer this node. */
  lost: CompareTime | undefined;
  readonly patienceMs: number;
}

interface Place {
  readonly device: Compared;
  readonly name: string;
  readonly rules: CompareRules;
}

/** Polls after which both nodes must have read a point anew. */
const POLLS = 3;

/**
 * The field as a `hot` standby reads it, beside the image that it has from the active node (R10). It keeps no more than
 * one small entry for each point that does not agree, and does nothing but look: what is found is for a person.
 */
export class Comparison {
  private devices: readonly Compared[] = [];
  private places = new Map<number, Place>();
  private readonly suspects = new Map<number, Suspect>();

  constructor(private readonly options: ComparisonOptions) {}

  /** Another configuration: begins anew, with the devices of it that are to be compared. */
  install(devices: readonly DeviceDefinition[], { periodMs }: PollingSettings, holdMs: number): void {
    this.places = new Map();
    this.devices = devices.flatMap((definition) => {
      if (definition.compare !== true || definition.standby !== 'collect') return [];
      const { name, points } = definition;
      const slowestMs = points.reduce((most, { poll }) => Math.max(most, periodMs[poll], comparePeriodMs(periodMs, poll)), 0);
      const device: Compared = { name, points, heard: false, lost: undefined, patienceMs: holdMs + POLLS * slowestMs };
      for (const point of points) {
        const roundMs = Math.max(periodMs[point.poll], comparePeriodMs(periodMs, point.poll));
        this.places.set(point.id, { device, name: point.name, rules: { tolerance: point.cov ?? 0, holdMs: holdMs + POLLS * roundMs + this.options.unnoticedMs(definition, point) } });
      }
      return [device];
    });
    this.reset();
  }

  /** The image is not up to date, or this node is no standby: whatever was found says nothing any more. */
  reset(): void {
    this.suspects.clear();
    for (const device of this.devices) {
      device.heard = false;
      device.lost = undefined;
    }
  }

  /** What a driver has collected. */
  sampled(batch: SampleBatch, now: CompareTime): void {
    if (this.devices.length === 0) return;
    const image = this.options.image();
    const { points, values, qualities, texts, length } = batch;
    for (let row = 0; row < length; row++) {
      const id = points[row] as number;
      const place = this.places.get(id);
      if (place === undefined) continue;
      place.device.heard = true;
      const text = texts?.get(row);
      const field = sideOf(text ?? (values[row] as number), qualities[row] as number);
      const own = sideOf(image.value(id), image.quality(id));
      const suspect = this.suspects.get(id);
      if (field === undefined || own === undefined) {
        if (suspect !== undefined) this.suspects.delete(id);
      } else if (suspect !== undefined || !isSame(own, field)) this.put(id, place, comparePoint(suspect, { image: own, field }, 'reading', now, place.rules));
    }
  }

  /** Points that a frame has changed in the image. */
  framed(points: Uint32Array, now: CompareTime): void {
    if (this.suspects.size === 0) return;
    const image = this.options.image();
    for (const id of points) {
      const suspect = this.suspects.get(id);
      const place = this.places.get(id);
      if (suspect === undefined || place === undefined) continue;
      const own = sideOf(image.value(id), image.quality(id));
      if (own === undefined) this.suspects.delete(id);
      else this.put(id, place, comparePoint(suspect, { image: own, field: suspect.last.field }, 'frame', now, place.rules));
    }
  }

  /** What this node reaches now; a device that it does not reach is compared by nothing else. */
  reached(states: readonly { readonly name: string; readonly state: 'reachable' | 'unreachable' | 'unknown' }[], now: CompareTime): void {
    const byName = new Map(states.map(({ name, state }) => [name, state]));
    for (const device of this.devices) {
      if (byName.get(device.name) !== 'unreachable') device.lost = undefined;
      else if (device.lost === undefined) {
        device.lost = now;
        for (const { id } of device.points) this.suspects.delete(id);
      }
    }
  }

  report(now: CompareTime): FieldComparison {
    const found = new Map<Compared, { since: CompareTime; count: number }>();
    const differences: FieldDifference[] = [];
    for (const [id, { differs, since, last }] of this.suspects) {
      const place = this.places.get(id);
      if (!differs || place === undefined) continue;
      const of = found.get(place.device);
      if (of === undefined) found.set(place.device, { since, count: 1 });
      else {
        of.count += 1;
        if (since.ms < of.since.ms) of.since = since;
      }
      differences.push({ point: place.name, device: place.device.name, image: textOf(last.image), field: textOf(last.field), sinceMs: Math.round(since.pairMs) });
    }
    differences.sort((a, b) => a.sinceMs - b.sinceMs || a.point.localeCompare(b.point));
    const devices = this.devices.map((device): ComparedDevice => {
      const { name, heard, lost, patienceMs } = device;
      const differing = found.get(device);
      if (differing !== undefined) return { name, state: 'differs', differing: differing.count, sinceMs: Math.round(differing.since.pairMs) };
      if (lost === undefined) return { name, state: heard ? 'equal' : 'waiting', differing: 0 };
      if (now.ms - lost.ms < patienceMs || !this.isReachedByActive(device)) return { name, state: 'waiting', differing: 0 };
      return { name, state: 'unreachable', differing: 0, sinceMs: Math.round(lost.pairMs) };
    });
    return { node: this.options.node, devices, differences: differences.slice(0, MOST_DIFFERENCES) };
  }

  private put(id: number, { name }: Place, next: Suspect | undefined): void {
    if (next === undefined || this.options.isHeld(name)) this.suspects.delete(id);
    else this.suspects.set(id, next);
  }

  /** The image has something of it that is read, not remembered. */
  private isReachedByActive({ points }: Compared): boolean {
    const image = this.options.image();
    return points.some(({ id }) => sideOf(image.value(id), image.quality(id)) !== undefined);
  }
}

/** Undefined where there is nothing to compare: not read now, held by a person, or written and never read. */
function sideOf(value: PointValue, quality: Quality): PointSide | undefined {
  const level = qualityLevel(quality);
  const reason = qualityReason(quality);
  if (level === 'stale' || reason === 'waiting' || reason === 'communication' || reason === 'writeOnly' || reason === 'operatorOverride') return undefined;
  if (level === 'bad') return reason === 'outOfService' ? undefined : 'bad';
  return typeof value === 'number' && Number.isNaN(value) ? undefined : { value };
}

function isSame(a: PointSide, b: PointSide): boolean {
  return a === 'bad' || b === 'bad' ? a === b : a.value === b.value;
}

function textOf(side: PointSide): string {
  return side === 'bad' ? 'no value (bad)' : String(typeof side.value === 'number' ? Number(side.value.toPrecision(12)) : side.value);
}
