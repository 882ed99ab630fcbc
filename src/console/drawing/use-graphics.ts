import type { GraphicDefinition, GraphicInfo } from '../../contract/graphic.js';
import { useLoad, type Loaded } from '../components/use-load.js';
import { readGraphic, readGraphics } from '../data/graphics.js';
import { usePlant } from '../data/services.js';

const periodMs = 5_000;

/** The pages of the plant; another configuration is noticed within seconds. */
export function useGraphics(turn = 0): Loaded<readonly GraphicInfo[]> {
  const url = usePlant((view) => view.nodeUrl);
  return useLoad(url, async () => (url === '' ? [] : readGraphics(url)), periodMs, turn, 'graphics');
}

/** One page with its drawing; read again when it is another version. */
export function useGraphic(info: GraphicInfo | undefined): Loaded<GraphicDefinition> {
  const url = usePlant((view) => view.nodeUrl);
  const { value, error } = useLoad(`${url} ${info?.name ?? ''} ${info?.version ?? ''}`, async () => (info === undefined || url === '' ? undefined : readGraphic(url, info.name)), undefined, 0, `graphic ${info?.name ?? ''}`);
  return { ...(value === undefined ? {} : { value }), ...(error === undefined ? {} : { error }) };
}
