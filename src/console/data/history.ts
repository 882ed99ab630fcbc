import type { WireValue } from '../../contract/client-protocol.js';
import { getJson } from './rest.js';

export interface HistorySample {
  readonly timeMs: number;
  readonly value: WireValue;
  /** As `formatQuality` writes it. */
  readonly quality: string;
}

export interface History {
  readonly fromMs: number;
  readonly toMs: number;
  readonly samples: readonly HistorySample[];
}

/** `GET /api/v1/history`: the last hour, which is what the route answers when it is told no times. */
export async function readHistory(url: string, point: string): Promise<History> {
  const { from, to, samples } = (await getJson(url, `api/v1/history?point=${encodeURIComponent(point)}&limit=20000`)) as { readonly from: string; readonly to: string; readonly samples: readonly HistorySample[] };
  return { fromMs: Date.parse(from), toMs: Date.parse(to), samples };
}

/** The text of the site document; the live protocol leaves it out, as it never changes. */
export async function readDescription(url: string, point: string): Promise<string | undefined> {
  const { description } = (await getJson(url, `api/v1/points/${encodeURIComponent(point)}`)) as { readonly description?: string };
  return description;
}
