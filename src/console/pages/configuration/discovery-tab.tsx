import { IxButton } from '@siemens/ix-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { ConfigurationDocument } from '../../../contract/configuration.js';
import { Outcome } from '../../components/outcome.js';
import { Progress } from '../../components/progress.js';
import { useAction } from '../../components/use-action.js';
import { useLoad } from '../../components/use-load.js';
import { configuredAs } from '../../data/configured-as.js';
import { documentWith, exchangeFiles, importFiles, readDiscovery, readPlaces, startDiscovery, stopDiscovery, textOfFile, type Discovery, type Search } from '../../data/discovery.js';
import { saveText } from '../../data/download.js';
import { isWritable } from '../../data/plant-view.js';
import { messageOf } from '../../data/rest.js';
import { usePlant, useServices, useStore } from '../../data/services.js';
import { discoveryTexts as t } from '../../discovery-texts.js';
import { texts } from '../../texts.js';
import { basePlace, place } from './draft-places.js';
import { FoundDevices } from './found-devices.js';
import { MapForm } from './map-form.js';
import { SearchForm, searchOf, useSearchInput } from './search-form.js';

const periodMs = 700;

interface DiscoveryTabProps {
  readonly document: ConfigurationDocument;
  readonly url: string;
  readonly onSignIn: () => void;
}

/** A discovery, and the search that it came from: a register map is for a unit that was found by the one before. */
interface Seen {
  readonly search: Search;
  readonly result: Discovery;
}

/** Looks for devices, or reads them from EDE files and register maps, and adds those that are chosen to the draft of the document. */
export function DiscoveryTab({ document, url, onSignIn }: DiscoveryTabProps): ReactNode {
  const { drafts, session, redundancy } = useServices();
  const { activities } = useStore(redundancy);
  const kept = useStore(drafts);
  const writable = usePlant(isWritable);
  const { outcome, busy, start } = useAction(onSignIn);
  const { value: places, error } = useLoad(url, async () => readPlaces(url), undefined, 0, 'places');
  const { input, lines, change } = useSearchInput(places);
  const [seen, setSeen] = useState<Seen>();
  const [units, setUnits] = useState<{ readonly search: Search; readonly ids: readonly string[] }>();
  /** What a person has said of each; of the others: not those that the site has already. */
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const files = useRef<HTMLInputElement>(null);
  const { driver } = input;
  const search = searchOf(input);
  const result = seen?.search.driver === driver ? seen.result : undefined;
  const running = result?.state === 'running';
  const id = result?.id;

  useEffect(() => {
    if (!running || id === undefined) return undefined;
    const timer = window.setInterval(() => {
      const failed = (cause: unknown): Discovery => ({ ...result, state: 'failed', error: messageOf(cause) });
      readDiscovery(url, id, session.get() ?? '').catch(failed).then((next) => setSeen((last) => last && { ...last, result: next }), () => undefined);
    }, periodMs);
    return () => window.clearInterval(timer);
  }, [running, id, url, session]);

  // A search that is under way goes on without this page: it is found again after a reload, and by whoever else looks.
  const underWay = seen === undefined ? activities.find(({ kind, state }) => kind === 'discovery' && state === 'running')?.id.split('/')[1] : undefined;
  useEffect(() => {
    if (underWay === undefined) return;
    readDiscovery(url, underWay, session.get() ?? '').then(
      (found) => {
        change({ driver: found.driver });
        setSeen((last) => last ?? { search: { driver: found.driver, ...(found.line === null ? {} : { line: found.line }), options: {} }, result: found });
      },
      // Who may not look for devices may not see what is found.
      () => undefined,
    );
  }, [underWay, url, session]);

  // What a search of units has found stays to choose from while a register map is read for one of them.
  const isUnits = driver !== 'bacnet' && result?.devices.every(({ objects }) => objects.length === 0) === true;
  useEffect(() => {
    if (isUnits && seen !== undefined) setUnits({ search: seen.search, ids: seen.result.devices.map((device) => device.id) });
  }, [isUnits, seen]);

  const show = (from: Search, found: Discovery): undefined => {
    setSeen({ search: from, result: found });
    setChosen(new Map());
  };
  const save = (of: string | undefined): void => start(t.saving, async (token) => {
    const made = await exchangeFiles(url, of, token);
    for (const { name, text } of made) saveText(name, text, 'text/csv');
    return t.saved(made.map(({ name }) => name).join(', '));
  });
  // A register map is one device with what is in it.
  const map = driver !== 'bacnet' && !isUnits ? result?.devices[0] : undefined;
  const known = (device: string): string | undefined => (seen === undefined || map !== undefined ? undefined : configuredAs(places?.written ?? {}, seen.search, device));
  const left = new Set((result?.devices ?? []).map((device) => device.id).filter((device) => !(chosen.get(device) ?? known(device) === undefined)));
  const taken = (result?.devices ?? []).filter((device) => !left.has(device.id));

  if (error !== undefined) return <Outcome kind="failed" text={t.linesFailed(error)} />;
  if (places === undefined) return <p className="soft">{texts.configuration.loading}</p>;
  const needsLine = driver === 'bacnet' || driver === 'modbus-rtu';
  return (
    <div className="workbench" data-testid="discovery">
      <div className="actions search-form">
        <SearchForm input={input} lines={lines} onChange={change} />
      </div>
      {needsLine && lines.length === 0 ? <p className="soft" data-testid="discovery-no-lines">{t.noLines[driver === 'bacnet' ? 'bacnet' : 'serial']}</p> : null}
      <div className="actions">
        <IxButton variant="primary" disabled={busy || running || !writable || search === undefined} onClick={() => start(t.starting, async (token) => (search === undefined ? undefined : show(search, await startDiscovery(url, search, token))))} data-testid="discovery-start">
          {t.look}
        </IxButton>
        <IxButton variant="secondary" disabled={!running} onClick={() => start(t.stopping, async (token) => {
          const stopped = await stopDiscovery(url, id ?? '', token);
          setSeen((last) => last && { ...last, result: stopped });
          return undefined;
        })} data-testid="discovery-stop">
          {t.stop}
        </IxButton>
        {driver !== 'bacnet' ? null : (
          <>
            <IxButton variant="subtle-primary" disabled={busy || running || search === undefined} onClick={() => files.current?.click()}>
              {t.importFiles}
            </IxButton>
            <input ref={files} type="file" accept=".csv,text/csv" multiple hidden aria-label={t.importFiles} data-testid="discovery-files" onChange={(event) => {
              const list = [...(event.currentTarget.files ?? [])];
              if (list.length > 0 && search !== undefined) start(t.importing, async (token) => show(search, await importFiles(url, { ...search, options: {} }, await Promise.all(list.map(textOfFile)), token)));
            }} />
            <IxButton variant="subtle-primary" disabled={busy} onClick={() => save(undefined)} data-testid="discovery-save-site">
              {t.exportSite}
            </IxButton>
          </>
        )}
      </div>
      {writable ? null : <p className="soft">{t.standby}</p>}
      {outcome === undefined ? null : <Outcome {...outcome} />}
      {result === undefined ? null : <State result={result} />}
      {result === undefined || result.devices.length === 0 ? null : (
        <>
          <FoundDevices devices={result.devices} left={left} known={known} onTake={(device, take) => setChosen((last) => new Map([...last, [device, take]]))} />
          {result.blocks === null ? null : (
            <details className="preview" open={driver !== 'bacnet'}>
              <summary>{t.preview}</summary>
              <pre className="patch" tabIndex={0} aria-label={t.preview} data-testid="discovery-preview">{result.blocks}</pre>
            </details>
          )}
          <div className="actions">
            <IxButton variant="primary" disabled={busy || running || taken.length === 0} onClick={() => start(t.adding, async (token) => {
              const text = await documentWith(url, result.id, kept[place] ?? document.text, taken.map((device) => device.id), token);
              if (kept[basePlace] === undefined) drafts.put(basePlace, document.revision);
              drafts.put(place, text);
              return map === undefined ? t.added(taken.length) : t.addedPoints(map.objects.length, map.name);
            })} data-testid="discovery-add">
              {map === undefined ? t.add(taken.length) : t.addPoints(map.objects.length, map.name)}
            </IxButton>
            {driver !== 'bacnet' ? null : (
              <IxButton variant="secondary" disabled={busy || running} onClick={() => save(result.id)} data-testid="discovery-save">
                {t.exportFound}
              </IxButton>
            )}
          </div>
        </>
      )}
      {driver === 'bacnet' ? null : (
        <MapForm
          known={places.devices[driver] ?? []}
          found={units?.search.driver === driver ? units.ids : []}
          disabled={busy || running}
          onFile={(file, { unit, ...options }) => start(t.importing, async (token) => {
            const { host, port } = (units?.search.options ?? {}) as { readonly host?: string; readonly port?: number };
            const line = units?.search.line ?? (input.line === '' ? undefined : input.line);
            const from = { driver, ...(line !== undefined && { line }), options: { ...options, ...(unit !== undefined && { unit, ...(host !== undefined && { host, port }) }) } };
            show(from, await importFiles(url, from, [await textOfFile(file)], token));
          })}
        />
      )}
    </div>
  );
}

function State({ result: { state, text, done, total, devices, error } }: { readonly result: Discovery }): ReactNode {
  if (state === 'running') return <Progress label={t.progress(text, devices.length)} done={done} total={total ?? undefined} testId="discovery-progress" />;
  if (state === 'failed') return <Outcome kind="failed" text={t.ended.failed(error ?? '')} />;
  return <Outcome kind="done" text={t.ended[state](devices.length)} />;
}
