import { IxButton, IxInput } from '@siemens/ix-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { ConfigurationDocument } from '../../../contract/configuration.js';
import { Choice } from '../../components/choice.js';
import { Outcome } from '../../components/outcome.js';
import { useAction } from '../../components/use-action.js';
import { useLoad } from '../../components/use-load.js';
import { bacnetLines, documentWith, exchangeFiles, importFiles, readDiscovery, startDiscovery, stopDiscovery, textOfFile, type Discovery } from '../../data/discovery.js';
import { saveText } from '../../data/download.js';
import { isWritable } from '../../data/plant-view.js';
import { messageOf } from '../../data/rest.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { discoveryTexts as t } from '../../discovery-texts.js';
import { basePlace, place } from './draft-places.js';
import { FoundDevices } from './found-devices.js';

const periodMs = 700;

interface DiscoveryTabProps {
  readonly document: ConfigurationDocument;
  readonly url: string;
  readonly onSignIn: () => void;
}

/** Looks for BACnet devices, or reads them from EDE files, and adds those that are chosen to the draft of the document. */
export function DiscoveryTab({ document, url, onSignIn }: DiscoveryTabProps): ReactNode {
  const { drafts, session } = useServices();
  const kept = useStore(drafts);
  const writable = usePlant(isWritable);
  const { outcome, busy, start } = useAction(onSignIn);
  const { value: lines, error } = useLoad(url, async () => bacnetLines(url));
  const [chosen, setChosen] = useState<string>();
  const [range, setRange] = useState('');
  const [seen, setSeen] = useState<Discovery>();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const files = useRef<HTMLInputElement>(null);
  const line = chosen ?? lines?.[0];
  const running = seen?.state === 'running';
  const id = seen?.id;

  useEffect(() => {
    if (!running || id === undefined) return undefined;
    const timer = window.setInterval(() => {
      readDiscovery(url, id, session.get() ?? '').then(setSeen, (cause: unknown) => setSeen((last) => last && { ...last, state: 'failed', error: messageOf(cause) }));
    }, periodMs);
    return () => window.clearInterval(timer);
  }, [running, id, url, session]);

  const show = (found: Discovery): undefined => {
    setSeen(found);
    setLeft(new Set());
  };
  const save = (of: string | undefined): void => start(t.saving, async (token) => {
    const made = await exchangeFiles(url, of, token);
    for (const { name, text } of made) saveText(name, text, 'text/csv');
    return t.saved(made.map(({ name }) => name).join(', '));
  });
  const taken = (seen?.devices ?? []).filter((device) => !left.has(device.id)).map((device) => device.id);

  if (error !== undefined) return <Outcome kind="failed" text={t.linesFailed(error)} />;
  if (lines === undefined) return null;
  if (line === undefined) return <p className="soft" data-testid="discovery-no-lines">{t.noLines}</p>;
  return (
    <div className="workbench" data-testid="discovery">
      <div className="actions">
        <Choice label={t.line} value={line} options={lines.map((name) => [name, name] as const)} onChange={setChosen} testId="discovery-line" />
        <IxInput label={t.range} value={range} onValueChange={(event) => setRange(event.detail)} data-testid="discovery-range" />
        <IxButton variant="primary" disabled={busy || running || !writable} onClick={() => start(t.starting, async (token) => show(await startDiscovery(url, line, range, token)))} data-testid="discovery-start">
          {t.look}
        </IxButton>
        <IxButton variant="secondary" disabled={!running} onClick={() => start(t.stopping, async (token) => {
          setSeen(await stopDiscovery(url, id ?? '', token));
          return undefined;
        })} data-testid="discovery-stop">
          {t.stop}
        </IxButton>
        <IxButton variant="subtle-primary" disabled={busy || running} onClick={() => files.current?.click()}>
          {t.importFiles}
        </IxButton>
        <input ref={files} type="file" accept=".csv,text/csv" multiple hidden aria-label={t.importFiles} data-testid="discovery-files" onChange={(event) => {
          const list = [...(event.currentTarget.files ?? [])];
          if (list.length > 0) start(t.importing, async (token) => show(await importFiles(url, line, await Promise.all(list.map(textOfFile)), token)));
        }} />
        <IxButton variant="subtle-primary" disabled={busy} onClick={() => save(undefined)} data-testid="discovery-save-site">
          {t.exportSite}
        </IxButton>
      </div>
      {writable ? null : <p className="soft">{t.standby}</p>}
      {outcome === undefined ? null : <Outcome {...outcome} />}
      {seen === undefined ? null : <State seen={seen} />}
      {seen === undefined || seen.devices.length === 0 ? null : (
        <>
          <FoundDevices devices={seen.devices} left={left} onTake={(device, take) => setLeft((last) => new Set(take ? [...last].filter((each) => each !== device) : [...last, device]))} />
          <div className="actions">
            <IxButton variant="primary" disabled={busy || running || taken.length === 0} onClick={() => start(t.adding, async (token) => {
              const text = await documentWith(url, seen.id, kept[place] ?? document.text, taken, token);
              if (kept[basePlace] === undefined) drafts.put(basePlace, document.revision);
              drafts.put(place, text);
              return t.added(taken.length);
            })} data-testid="discovery-add">
              {t.add(taken.length)}
            </IxButton>
            <IxButton variant="secondary" disabled={busy || running} onClick={() => save(seen.id)} data-testid="discovery-save">
              {t.exportFound}
            </IxButton>
          </div>
        </>
      )}
    </div>
  );
}

function State({ seen: { state, text, done, devices, error } }: { readonly seen: Discovery }): ReactNode {
  if (state === 'running') return <Outcome kind="working" text={t.progress(text, done)} />;
  if (state === 'failed') return <Outcome kind="failed" text={t.ended.failed(error ?? '')} />;
  return <Outcome kind="done" text={t.ended[state](devices.length)} />;
}
