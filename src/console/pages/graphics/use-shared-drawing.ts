import type { GraphicInfo } from '../../../contract/graphic.js';
import { useLoad, type Loaded } from '../../components/use-load.js';
import { readWritten } from '../../data/configuration.js';
import type { WrittenGraphic } from '../../data/graphic-draft.js';
import { checkGraphic } from '../../data/graphics.js';
import { usePlant, useServices, useStore } from '../../data/services.js';

/** A drawing of many pages. */
export interface SharedDrawing {
  readonly written: WrittenGraphic;
  /** Its picture as the node has cleaned it. */
  readonly svg: string;
}

/** The drawing that a page shows with parameters of its own; undefined where it shows none, or that one is not there (yet). */
export function useSharedDrawing(drawing: string | undefined, graphics: readonly GraphicInfo[]): Loaded<SharedDrawing | undefined> {
  const { session } = useServices();
  const token = useStore(session) ?? '';
  const url = usePlant((view) => view.nodeUrl);
  const version = graphics.flatMap((graphic) => (graphic.drawing === drawing ? graphic.version : [])).join();
  return useLoad(`${url} ${drawing ?? ''} ${version}`, async () => {
    if (url === '' || drawing === undefined) return undefined;
    const written = (await readWritten(url, 'drawings', drawing)).value as WrittenGraphic | undefined;
    if (written?.svg === undefined) return undefined;
    const { drawing: clean } = await checkGraphic(url, 'drawings', drawing, { svg: written.svg }, token);
    return { written, svg: clean?.svg ?? '' };
  }, undefined, 0, drawing ?? '');
}
