import type { ClientPoint, WireAlarm, WirePoint, WireValue } from '../../client-sdk/index.js';
import { QualityLevel, qualityOf, QualityReason, type Quality, type QualityLevelName, type QualityReasonName } from '../../contract/quality.js';
import { Poller } from './poller.js';
import { probeJson } from './rest.js';

export interface StandbyPlant {
  readonly url: string;
  readonly points: readonly ClientPoint[];
  readonly alarms: readonly WireAlarm[];
}

interface RestPoint extends WirePoint {
  readonly value: WireValue;
  /** As `formatQuality` writes it. */
  readonly quality: string;
  readonly time: string | null;
  readonly seq: number;
}

interface PointPage {
  readonly points: readonly RestPoint[];
  readonly next?: string;
}

const periodMs = 2000;
const pageSize = 5000;

/**
 * Reads a standby's values over REST while no node is active that could be followed. The live protocol is for
 * the active node; a person who can reach only the standby shall still see the plant.
 */
export class StandbyReader {
  plant: StandbyPlant | undefined;
  readonly #poller: Poller;

  constructor(standbyUrl: () => string | undefined, onChange: () => void) {
    this.#poller = new Poller(periodMs, async () => {
      const url = standbyUrl();
      try {
        this.plant = url === undefined ? undefined : await read(url);
      } catch {
        // It fell silent as well: what is held stays visible, and the connection state says that it is old.
      }
      onChange();
    });
  }

  start(): void {
    this.#poller.start();
  }

  stop(): void {
    this.#poller.stop();
    this.plant = undefined;
  }
}

async function read(url: string): Promise<StandbyPlant> {
  const points: RestPoint[] = [];
  let after: string | undefined;
  do {
    const page = (await probeJson(url, `api/v1/points?limit=${pageSize}${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`)) as PointPage;
    points.push(...page.points);
    after = page.next;
  } while (after !== undefined);
  const { alarms } = (await probeJson(url, 'api/v1/alarms')) as { readonly alarms: readonly WireAlarm[] };
  return { url, alarms, points: points.map((point) => ({ ...point, quality: parseQuality(point.quality), timeMs: point.time === null ? 0 : Date.parse(point.time) })) };
}

/** The way back from `bad (communication)` to the byte. */
function parseQuality(text: string): Quality {
  const [, level = '', reason = 'none'] = /^(\w+)(?: \((\w+)\))?$/.exec(text) ?? [];
  return isLevel(level) && isReason(reason) ? qualityOf(level, reason) : qualityOf('bad', 'format');
}

function isLevel(text: string): text is QualityLevelName {
  return text in QualityLevel;
}

function isReason(text: string): text is QualityReasonName {
  return text in QualityReason;
}
