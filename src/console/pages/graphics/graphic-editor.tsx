import { IxButton } from '@siemens/ix-react';
import { useRef, useState, type ReactNode } from 'react';
import type { GraphicCheck, GraphicDefinition, GraphicInfo } from '../../../contract/graphic.js';
import { ActionButton } from '../../components/action-button.js';
import { DraftNotice } from '../../components/draft-notice.js';
import { Outcome } from '../../components/outcome.js';
import { useAction } from '../../components/use-action.js';
import { useDefinitionDraft } from '../../components/use-definition-draft.js';
import { useLoad } from '../../components/use-load.js';
import { replaceDefinition } from '../../data/configuration.js';
import { saveText } from '../../data/download.js';
import { emptyGraphic, idChange, rebound, shownDraft, withElement, withParameters, type WrittenGraphic } from '../../data/graphic-draft.js';
import { checkGraphic, readGraphic, type GraphicSection } from '../../data/graphics.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { GraphicView } from '../../drawing/graphic-view.js';
import { ZoomPane } from '../../drawing/zoom-pane.js';
import { graphicTexts } from '../../graphic-texts.js';
import { ProblemList } from '../configuration/problem-list.js';
import { DrawingUse } from './drawing-use.js';
import { ElementForm } from './element-form.js';
import { Pick } from './field.js';
import { IdChanges } from './id-changes.js';
import { PageFields } from './page-fields.js';
import { useSharedDrawing } from './use-shared-drawing.js';

const t = graphicTexts.editor;
const mostBytes = 512 * 1024;

interface GraphicEditorProps {
  /** A page, or a drawing that many pages show. */
  readonly section: GraphicSection;
  readonly name: string;
  readonly graphics: readonly GraphicInfo[];
  readonly onSignIn: () => void;
  readonly onApplied: () => void;
}

/** The drawing and the bindings of one page. What is changed is a draft until it is applied, and stays over failovers and reloads. */
export function GraphicEditor({ section, name, graphics, onSignIn, onApplied }: GraphicEditorProps): ReactNode {
  const { session, router } = useServices();
  const place = `${section === 'graphics' ? 'graphic' : 'drawing'} ${name}`;
  const url = usePlant((view) => view.nodeUrl);
  const writable = usePlant(isWritable);
  const token = useStore(session) ?? '';
  const { outcome, busy, start } = useAction(onSignIn);
  const [picked, setPicked] = useState('');
  const [found, setFound] = useState<GraphicCheck>();
  const file = useRef<HTMLInputElement>(null);
  const shownBy = graphics.filter((graphic) => (section === 'graphics' ? graphic.name === name : graphic.drawing === name));
  const version = shownBy.map((graphic) => graphic.version).join();
  const { written, error, value: changed, outdated, ...draft } = useDefinitionDraft<WrittenGraphic>({ section, name, place, url, version });
  const present = written === undefined ? undefined : ((written.value ?? emptyGraphic) as unknown as WrittenGraphic);
  const value = changed ?? present;
  const drawn = useDrawn(url, name, value?.svg, token);
  const before = useDrawn(url, name, present?.svg, token);
  const shared = useSharedDrawing(value?.drawing, graphics);
  const sample = useSample(url, section === 'drawings' ? shownBy[0] : undefined);

  if (value === undefined || written === undefined) return error === undefined ? <p className="soft">{graphicTexts.loading}</p> : <Outcome kind="failed" text={error} />;
  const { elements: bound = {}, svg: source = '' } = value;
  const complete = source !== '' || value.drawing !== undefined;
  const change = (next: WrittenGraphic): void => {
    draft.change(next);
    setFound(undefined);
  };
  const take = (list: FileList | null): void => {
    const [chosen] = list ?? [];
    if (chosen === undefined) return;
    start(t.checking, async () => {
      if (chosen.size > mostBytes) throw new Error(t.tooLarge(Math.ceil(chosen.size / 1024)));
      const svg = (await chosen.text()).replace(/\r\n?/g, '\n');
      const check = await checkGraphic(url, section, name, { svg }, token);
      setFound(check);
      // A drawing that is refused is not taken: what is wrong with it is listed below.
      if (check.drawing === undefined) return undefined;
      draft.change({ ...value, svg });
      return undefined;
    });
  };
  const drawing = drawn?.drawing;
  const element = drawing?.elements.find(({ id }) => id === picked);
  const changes = drawing === undefined ? undefined : idChange(before?.drawing?.elements ?? [], drawing.elements, Object.keys(bound));
  const filled = drawing === undefined || sample === undefined ? undefined : withParameters(value, drawing.svg, sample);
  const preview = filled === undefined ? undefined : shownDraft(name, filled.value, filled.svg);
  const page = value.drawing === undefined || shared.value === undefined ? undefined : withParameters({ ...shared.value.written, ...(value.title === undefined ? {} : { title: value.title }) }, shared.value.svg, value.parameters ?? {});
  return (
    <section className="graphic-editor" aria-label={name} data-testid="graphic-editor">
      {changed === undefined ? null : <DraftNotice outdated={outdated} onKeep={draft.keep} onDiscard={draft.drop} testId="graphic-draft" keepTestId="graphic-keep" />}
      {section === 'drawings' ? <p className="soft">{t.shownBy(shownBy.map(({ title }) => title))}</p> : null}
      <PageFields name={name} value={value} graphics={graphics} onChange={change} />
      {value.drawing === undefined ? null : <DrawingUse value={value} shared={shared} onChange={change} />}
      <div className="actions">
        {value.drawing === undefined ? (
          <>
            <IxButton variant="secondary" onClick={() => file.current?.click()} disabled={busy}>{t.file}</IxButton>
            <input ref={file} type="file" accept=".svg,image/svg+xml" hidden aria-label={t.file} onChange={(event) => take(event.currentTarget.files)} data-testid="graphic-file" />
            <IxButton variant="subtle-primary" disabled={source === ''} onClick={() => saveText(`${name}.svg`, source, 'image/svg+xml')} data-testid="graphic-export">{t.export}</IxButton>
          </>
        ) : null}
        <IxButton variant="secondary" disabled={busy || !complete} onClick={() => start(t.checking, async () => {
          const check = await checkGraphic(url, section, name, value, token);
          setFound(check);
          return check.ok ? t.checked : undefined;
        })} data-testid="graphic-check">
          {t.check}
        </IxButton>
        <ActionButton label={t.apply} variant="primary" disabled={changed === undefined || !writable || !complete} hint={writable ? undefined : t.needsActive} onSignIn={onSignIn} role="engineer" testId="graphic-apply" title={t.applyTitle(name)} question={t.applyQuestion} confirm={t.apply} working={t.applying} reason={t.comment} run={async ({ reason, token: held }) => {
          try {
            await draft.apply(value, reason, held);
          } finally {
            // After a refusal, too: what is in force may be another one by now.
            onApplied();
          }
        }} />
        <IxButton variant="subtle-primary" disabled={changed === undefined} onClick={draft.drop} data-testid="graphic-discard">{t.discard}</IxButton>
        {written.digest === '' ? null : (
          <ActionButton label={t.remove} variant="subtle-primary" disabled={!writable} onSignIn={onSignIn} role="engineer" testId="graphic-remove" title={t.removeTitle(name)} question={t.removeQuestion} confirm={t.remove} working={t.removing} run={async ({ token: held }) => {
            await replaceDefinition(url, section, name, undefined, written.digest, '', held);
            draft.drop();
            onApplied();
            router.go('graphics');
          }} />
        )}
      </div>
      {outcome === undefined ? null : <Outcome {...outcome} />}
      {found === undefined || found.problems.length === 0 ? null : <ProblemList problems={found.problems} />}
      {changes === undefined ? null : <IdChanges changes={changes} elements={drawing?.elements ?? []} isNew={present?.svg !== value.svg && (present?.svg ?? '') !== ''} onRebind={(from, to) => change(rebound(value, from, to))} />}
      {page === undefined ? null : (
        <>
          <p className="soft">{t.asShown}</p>
          <ZoomPane>
            <div inert>
              <GraphicView graphic={shownDraft(name, page.value, page.svg)} graphics={graphics} onOpen={() => undefined} />
            </div>
          </ZoomPane>
        </>
      )}
      {drawing === undefined ? null : (
        <div className="graphic-work">
          <ZoomPane>
            <GraphicView graphic={preview ?? shownDraft(name, value, drawing.svg)} graphics={graphics} marked={picked === '' ? undefined : picked} onOpen={setPicked} onPick={setPicked} />
          </ZoomPane>
          <div className="graphic-form">
            <p className="soft">{t.pick}</p>
            <Pick label={t.elements} value={picked} options={[['', graphicTexts.noAlarm], ...drawing.elements.map(({ id, kind, text = '' }) => [id, `${id} <${kind}>${text === '' ? '' : ` ${text}`}${Object.hasOwn(bound, id) ? ` · ${t.bound}` : ''}`] as const)]} onChange={setPicked} testId="graphic-element" />
            {element === undefined ? null : <ElementForm key={element.id} element={element} binding={bound[element.id] ?? {}} graphics={graphics} onChange={(binding) => change(withElement(value, element.id, binding))} />}
          </div>
        </div>
      )}
    </section>
  );
}

/** Parameters of a page that shows the drawing: with them its bindings have values while it is edited. */
function useSample(url: string, page: GraphicInfo | undefined): GraphicDefinition['parameters'] {
  return useLoad(`${url} ${page?.name ?? ''} ${page?.version ?? ''}`, async () => (url === '' || page === undefined ? undefined : (await readGraphic(url, page.name)).parameters)).value;
}

/** The drawing as the node has cleaned it, and its ids; read again when it is another one. */
function useDrawn(url: string, name: string, svg: string | undefined, token: string): GraphicCheck | undefined {
  return useLoad(`${url} ${name} ${svg ?? ''}`, async () => (url === '' || svg === undefined || svg === '' ? undefined : checkGraphic(url, 'graphics', name, { svg }, token)), undefined, 0, `drawn ${name} ${svg ?? ''}`).value;
}
