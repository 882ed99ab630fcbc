import { useState, type ReactNode } from 'react';
import type { GraphicDefinition, GraphicInfo } from '../../contract/graphic.js';
import { isWritable } from '../data/plant-view.js';
import { useMayAt, usePlant, useServices, useStore } from '../data/services.js';
import { PointDrawer } from '../pages/points/point-drawer.js';
import { WriteDialog } from '../pages/points/write-dialog.js';
import { elementStates } from './element-state.js';
import { GraphicView } from './graphic-view.js';
import { ValueList } from './value-list.js';
import { ZoomPane } from './zoom-pane.js';

interface LiveGraphicProps {
  readonly graphic: GraphicDefinition;
  readonly graphics: readonly GraphicInfo[];
  readonly marked?: string | undefined;
  /** As a page of its own: it can be enlarged, and the same values are in a table, for who cannot see or touch the drawing. */
  readonly withValues: boolean;
  readonly onSignIn: () => void;
}

/** A drawing that is used: a click opens a point, a command, another page. */
export function LiveGraphic({ graphic, graphics, marked, withValues, onSignIn }: LiveGraphicProps): ReactNode {
  const { router, session } = useServices();
  const token = useStore(session);
  const view = usePlant((present) => present);
  const mayAt = useMayAt('operator');
  const connected = isWritable(view);
  const [opened, setOpened] = useState<string>();
  const [writing, setWriting] = useState<string>();
  const detailed = opened === undefined ? undefined : view.points.find(({ name }) => name === opened);
  const write = (point: string): void => {
    if (token === undefined) onSignIn();
    else setWriting(point);
  };
  const open = (id: string): void => {
    const binding = graphic.elements[id];
    const opens = elementStates({ ...graphic, elements: { [id]: binding ?? {} } }, view, graphics)[0]?.opens;
    if (typeof binding?.open === 'object') router.go('graphics', { name: binding.open.graphic });
    else if (opens === 'command' && binding?.point !== undefined && connected && mayAt(view.points.find(({ name }) => name === binding.point)?.area)) write(binding.point);
    else if (opens !== undefined) setOpened(binding?.point);
  };
  const drawing = <GraphicView graphic={graphic} graphics={graphics} marked={marked} onOpen={open} />;
  return (
    <>
      {withValues ? <ZoomPane key={graphic.name}>{drawing}</ZoomPane> : <div className="drawn-scroll" tabIndex={-1}>{drawing}</div>}
      {withValues ? <ValueList states={elementStates(graphic, view, graphics)} onOpen={open} /> : null}
      {detailed === undefined ? null : <PointDrawer key={detailed.name} point={detailed} writable={connected && mayAt(detailed.area)} onSignIn={onSignIn} onWrite={(point) => write(point.name)} onClose={() => setOpened(undefined)} />}
      {writing === undefined ? null : <WriteDialog name={writing} onClose={() => setWriting(undefined)} />}
    </>
  );
}
