import { IxIcon } from '@siemens/ix-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { GraphicDefinition, GraphicInfo } from '../../contract/graphic.js';
import { faceOfQuality } from '../components/quality-mark.js';
import { iconOfAlarm, toneOf } from '../components/priority-mark.js';
import { usePlant, useServices, useStore } from '../data/services.js';
import { graphicTexts as t } from '../graphic-texts.js';
import { applyLook, keepPlace } from './apply-look.js';
import { elementStates, type ElementState } from './element-state.js';
import { applyTheme, prepare, type PreparedDrawing } from './prepare.js';

interface GraphicViewProps {
  readonly graphic: GraphicDefinition;
  readonly graphics: readonly GraphicInfo[];
  /** An element to point at: where the alarm is that brought somebody here. */
  readonly marked?: string | undefined;
  readonly onOpen: (id: string) => void;
  /** While it is edited: every element with an id can be chosen, and nothing opens. */
  readonly onPick?: ((id: string) => void) | undefined;
}

/** Above this many marks their words would cover the drawing: the shapes stay, the words are in the list of values. */
const mostWords = 10;

/** A drawing with the values of its points; quality and alarms as shapes beside the elements. */
export function GraphicView({ graphic, graphics, marked, onOpen, onPick }: GraphicViewProps): ReactNode {
  const { theme } = useServices();
  const dark = useStore(theme) === 'dark' && graphic.colours === 'theme';
  const host = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<PreparedDrawing | 'broken'>();
  const view = usePlant((present) => present);
  const states = useMemo(() => elementStates(graphic, view, graphics), [graphic, view, graphics]);
  const actions = useRef({ onOpen, onPick });
  actions.current = { onOpen, onPick };

  useLayoutEffect(() => {
    const prepared = prepare(graphic.svg);
    setDrawing(prepared ?? 'broken');
    if (prepared === undefined) return undefined;
    const { root, elements } = prepared;
    root.setAttribute('role', 'group');
    root.setAttribute('aria-label', t.drawing(graphic.title));
    host.current?.replaceChildren(root);
    for (const id of Object.keys(graphic.elements)) {
      const element = elements.get(id);
      if (element !== undefined) keepPlace(element);
    }
    return () => root.remove();
  }, [graphic.svg, graphic.title]);

  useLayoutEffect(() => {
    if (drawing !== undefined && drawing !== 'broken') applyTheme(drawing, dark);
  }, [drawing, dark]);

  useLayoutEffect(() => {
    if (drawing === undefined || drawing === 'broken') return;
    for (const state of states) {
      const element = drawing.elements.get(state.id);
      if (element !== undefined) show(element, state, graphic);
    }
  }, [drawing, states, graphic]);

  // One listener for all: elements come and go with the drawing.
  useEffect(() => {
    if (drawing === undefined || drawing === 'broken') return undefined;
    const ids = new Map([...drawing.elements].map(([id, element]) => [element as Element, id]));
    const idOf = (event: Event, wanted: (id: string) => boolean): string | undefined => {
      for (let at = event.target as Element | null; at !== null && at !== drawing.root; at = at.parentElement) {
        const id = ids.get(at);
        if (id !== undefined && wanted(id)) return id;
      }
      return undefined;
    };
    const act = (event: Event): void => {
      const { onPick: pick, onOpen: open } = actions.current;
      const id = idOf(event, (each) => pick !== undefined || drawing.elements.get(each)?.dataset.opens !== undefined);
      if (id === undefined) return;
      event.preventDefault();
      (pick ?? open)(id);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Enter' || event.key === ' ') act(event);
    };
    drawing.root.addEventListener('click', act);
    drawing.root.addEventListener('keydown', onKey);
    return () => {
      drawing.root.removeEventListener('click', act);
      drawing.root.removeEventListener('keydown', onKey);
    };
  }, [drawing]);

  const marks = states.filter(({ mark }) => mark !== undefined);
  const box = drawing === undefined || drawing === 'broken' ? undefined : drawing.root.viewBox.baseVal;
  return (
    <div className={`drawn${graphic.colours === 'drawn' ? ' drawn-paper' : ''}${onPick === undefined ? '' : ' drawn-picking'}`} data-testid="graphic" data-graphic={graphic.name}>
      {drawing === 'broken' ? <p className="soft">{t.broken}</p> : null}
      <div className="drawn-box" style={box === undefined ? {} : { aspectRatio: `${box.width} / ${box.height}` }}>
        <div ref={host} className="drawn-host" />
        {drawing === undefined || drawing === 'broken' ? null : (
          <>
            {marks.map((state) => <ElementMark key={state.id} state={state} drawing={drawing} words={marks.length <= mostWords} />)}
            {marked === undefined ? null : <Frame key={marked} id={marked} drawing={drawing} kind={onPick === undefined ? 'alarm' : 'picked'} />}
          </>
        )}
      </div>
    </div>
  );
}

function show(element: SVGGraphicsElement, { id, look, label, opens, nested }: ElementState, { elements }: GraphicDefinition): void {
  applyLook(element, look, elements[id]?.level?.grows);
  if (opens === undefined) {
    delete element.dataset.opens;
    return;
  }
  element.dataset.opens = opens;
  if (element.getAttribute('aria-label') !== label) element.setAttribute('aria-label', label);
  element.setAttribute('role', nested ? 'group' : opens === 'graphic' ? 'link' : 'button');
  if (nested) element.removeAttribute('tabindex');
  else element.setAttribute('tabindex', '0');
}

/** Where an element lies, in hundredths of the drawing: right at any size of it. */
function placeOf(id: string, { root, elements }: PreparedDrawing): { readonly left: number; readonly top: number; readonly width: number; readonly height: number } | undefined {
  const inner = elements.get(id)?.getBoundingClientRect();
  const outer = root.getBoundingClientRect();
  if (inner === undefined || outer.width === 0 || (inner.width === 0 && inner.height === 0)) return undefined;
  return { left: ((inner.left - outer.left) / outer.width) * 100, top: ((inner.top - outer.top) / outer.height) * 100, width: (inner.width / outer.width) * 100, height: (inner.height / outer.height) * 100 };
}

/** Alarm or quality of an element at its upper right corner: a shape of its own, and words where there is room. */
function ElementMark({ state: { id, mark }, drawing, words }: { readonly state: ElementState; readonly drawing: PreparedDrawing; readonly words: boolean }): ReactNode {
  const place = placeOf(id, drawing);
  if (place === undefined || mark === undefined) return null;
  const { icon, tone, text, blinking } = 'alarm' in mark ? { icon: iconOfAlarm(mark.alarm), tone: toneOf(mark.alarm), text: String(mark.alarm.priority), blinking: mark.alarm.state === 'unacknowledged' } : { ...(mark.quality === undefined ? { ...faceOfQuality(0xc0), text: t.missingShort } : faceOfQuality(mark.quality)), blinking: false };
  return (
    <span className={`drawn-mark tone-${tone}`} style={{ insetInlineStart: `${place.left + place.width}%`, insetBlockStart: `${place.top}%` }} title={text} aria-hidden="true" data-testid="graphic-mark" data-element={id} data-mark={'alarm' in mark ? 'alarm' : 'quality'}>
      <IxIcon name={icon} size="16" className={blinking ? 'blinking' : ''} />
      {words || 'alarm' in mark ? <span className="sign-text">{text}</span> : null}
    </span>
  );
}

/** Drawn around an element: where the alarm is, or which one is edited. */
function Frame({ id, drawing, kind }: { readonly id: string; readonly drawing: PreparedDrawing; readonly kind: 'alarm' | 'picked' }): ReactNode {
  const place = placeOf(id, drawing);
  if (place === undefined) return null;
  const { left, top, width, height } = place;
  return <span className={`drawn-frame drawn-frame-${kind}`} style={{ insetInlineStart: `calc(${left}% - 6px)`, insetBlockStart: `calc(${top}% - 6px)`, inlineSize: `calc(${width}% + 12px)`, blockSize: `calc(${height}% + 12px)` }} title={kind === 'alarm' ? t.marked : undefined} data-testid="graphic-frame" data-element={id} />;
}
