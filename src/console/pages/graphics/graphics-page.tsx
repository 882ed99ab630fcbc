import { iconBuilding1 } from '@siemens/ix-icons/icons';
import { IxButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { Empty } from '../../components/empty.js';
import { Outcome } from '../../components/outcome.js';
import { PageHeader } from '../../components/page-header.js';
import { hrefOf } from '../../data/route.js';
import { useMay, useServices, useStore } from '../../data/services.js';
import { LiveGraphic } from '../../drawing/live-graphic.js';
import { useGraphic, useGraphics } from '../../drawing/use-graphics.js';
import { graphicTexts as t } from '../../graphic-texts.js';
import { texts } from '../../texts.js';
import { GraphicTree } from './graphic-tree.js';
import { GraphicEditor } from './graphic-editor.js';
import { NewGraphic } from './new-graphic.js';

/** The pages of the plant: a tree of them, one of them live, and its editor. */
export function GraphicsPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { router } = useServices();
  const { query } = useStore(router);
  const [turn, setTurn] = useState(0);
  const mayEdit = useMay('engineer');
  const { value: graphics, error } = useGraphics(turn);
  const info = query.name === undefined ? graphics?.[0] : graphics?.find(({ name }) => name === query.name);
  const { value: graphic, error: broken } = useGraphic(info);
  const name = query.name ?? info?.name;
  const drawing = mayEdit ? query.drawing : undefined;
  const editing = (query.edit === '1' && name !== undefined) || drawing !== undefined;
  const above = graphics?.find((each) => each.name === info?.under);
  return (
    <>
      <PageHeader title={texts.pages.graphics} {...(name === undefined ? {} : { subtitle: drawing ?? info?.title ?? name })}>
        {above === undefined ? null : <a href={hrefOf('graphics', { name: above.name })}>{`${t.above} ${above.title}`}</a>}
        {name === undefined || !mayEdit || drawing !== undefined ? null : (
          <IxButton variant="secondary" onClick={() => router.go('graphics', { name, ...(editing ? {} : { edit: '1' }) })} data-testid="graphic-edit">
            {editing ? t.view : t.edit}
          </IxButton>
        )}
      </PageHeader>
      {error === undefined ? null : <Outcome kind="failed" text={error} />}
      {broken === undefined ? null : <Outcome kind="failed" text={broken} />}
      {graphics?.length === 0 && !editing ? <Empty icon={iconBuilding1} header={t.none} detail={t.noneDetail} /> : null}
      {graphics !== undefined && query.name !== undefined && info === undefined && !editing ? <p className="soft">{t.unknown(query.name)}</p> : null}
      <div className="master-detail graphics-page">
        <div className="graphic-side">
          <GraphicTree graphics={graphics ?? []} shown={name} />
          {mayEdit ? <NewGraphic taken={graphics ?? []} /> : null}
        </div>
        <div className="graphic-main">
          {editing ? (
            <GraphicEditor key={`${drawing ?? ''} ${name ?? ''}`} section={drawing === undefined ? 'graphics' : 'drawings'} name={drawing ?? name ?? ''} graphics={graphics ?? []} onSignIn={onSignIn} onApplied={() => setTurn((before) => before + 1)} />
          ) : graphic === undefined || graphic.name !== info?.name ? null : (
            <LiveGraphic graphic={graphic} graphics={graphics ?? []} marked={query.element} withValues onSignIn={onSignIn} />
          )}
        </div>
      </div>
    </>
  );
}
