import type { WireAlarm } from '../../client-sdk/index.js';
import type { PointsView } from './point-board.js';

/**
 * `live`: on the active node. `switching`: looks for the node that is active now. `reading`: none is, a standby's
 * values are shown. `lost`: no node answers.
 */
export type ConnectionState = 'connecting' | 'live' | 'switching' | 'reading' | 'lost';

/** Control went from one node to the other while this console was watching. */
export interface ControlMove {
  readonly from: string;
  readonly to: string;
  readonly timeMs: number;
}

/** What the pages render: replaced as a whole at most once in each animation frame. */
export interface PlantView extends PointsView {
  readonly connection: ConnectionState;
  /** The node whose values are shown, and its console address. */
  readonly node: string;
  readonly nodeUrl: string;
  readonly epoch: number;
  /** Since when this console has followed that node as the active one. */
  readonly followedSinceMs: number;
  readonly move: ControlMove | undefined;
  /** Those that are not normal, most urgent first. */
  readonly alarms: readonly WireAlarm[];
}

export const emptyView: PlantView = {
  connection: 'connecting',
  node: '',
  nodeUrl: '',
  epoch: 0,
  followedSinceMs: 0,
  move: undefined,
  points: [],
  shape: 0,
  good: 0,
  notGood: 0,
  alarms: [],
};

/** Only the active node carries out writes and acknowledgements. */
export function isWritable(view: PlantView): boolean {
  return view.connection === 'live';
}
