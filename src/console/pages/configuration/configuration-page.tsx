import { useState, type ReactNode } from 'react';
import { Outcome } from '../../components/outcome.js';
import { PageHeader } from '../../components/page-header.js';
import { Tabs } from '../../components/tabs.js';
import { useLoad } from '../../components/use-load.js';
import { readConfiguration } from '../../data/configuration.js';
import { usePlant } from '../../data/services.js';
import { discoveryTexts } from '../../discovery-texts.js';
import { sheetTexts } from '../../sheet-texts.js';
import { texts } from '../../texts.js';
import { DiscoveryTab } from './discovery-tab.js';
import { DocumentTab } from './document-tab.js';
import { RevisionsTab } from './revisions-tab.js';
import { SheetTab } from './sheet-tab.js';

const t = texts.configuration;
const periodMs = 5_000;

/** The site configuration of the pair: edited, checked, compared, applied, brought back. */
export function ConfigurationPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const url = usePlant((view) => view.nodeUrl);
  const [tab, setTab] = useState<'document' | 'sheet' | 'discovery' | 'history'>('document');
  const [turn, setTurn] = useState(0);
  const { value: document, error } = useLoad(url, async () => readConfiguration(url), periodMs, turn, 'configuration');
  const again = (): void => setTurn((before) => before + 1);
  return (
    <>
      <PageHeader title={texts.pages.configuration} {...(document === undefined ? {} : { subtitle: t.subtitle(document.revision, document.number) })} />
      <Tabs label={t.tab} value={tab} options={[['document', t.tabs.document], ['sheet', sheetTexts.tab], ['discovery', discoveryTexts.tab], ['history', t.tabs.history]]} onChange={setTab} />
      {error === undefined ? null : <Outcome kind="failed" text={t.failed(error)} />}
      {document === undefined && error === undefined ? <p className="soft">{t.loading}</p> : null}
      {document === undefined || tab !== 'document' ? null : <DocumentTab document={document} url={url} onSignIn={onSignIn} onApplied={again} />}
      {document === undefined || tab !== 'sheet' ? null : <SheetTab document={document} url={url} onSignIn={onSignIn} onApplied={again} />}
      {document === undefined || tab !== 'discovery' ? null : <DiscoveryTab document={document} url={url} onSignIn={onSignIn} />}
      {document === undefined || tab !== 'history' ? null : <RevisionsTab present={document} url={url} onSignIn={onSignIn} onApplied={again} />}
    </>
  );
}
