import { IxButton, IxInput } from '@siemens/ix-react';
import { useRef, useState, type ReactNode } from 'react';
import { Choice } from '../../components/choice.js';
import { Panel } from '../../components/panel.js';
import { discoveryTexts as t } from '../../discovery-texts.js';

/** As the table writes addresses, or plain numbers from 0 or 1. */
type Base = 'table' | '0' | '1';

interface MapFormProps {
  /** Devices of the site with this driver. */
  readonly known: readonly string[];
  /** Units that were found: a register map makes a device of them. */
  readonly found: readonly string[];
  readonly disabled: boolean;
  /** `unit`: that of a device that is not there yet. */
  readonly onFile: (file: File, options: { readonly device: string; readonly unit?: number; readonly prefix: string; readonly base?: 0 | 1 }) => void;
}

/** A table of registers, as makers and planners hand it over, becomes the points of a device. */
export function MapForm({ known, found, disabled, onFile }: MapFormProps): ReactNode {
  const files = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState('');
  const [name, setName] = useState<string>();
  const [typedPrefix, setTypedPrefix] = useState<string>();
  const [base, setBase] = useState<Base>('table');
  const options = [...found.map((unit) => [`unit ${unit}`, t.foundUnit(unit)] as const), ...known.map((device) => [device, device] as const)];
  const target = options.some(([value]) => value === chosen) ? chosen : (options[0]?.[0] ?? '');
  const unit = /^unit (\d+)$/.exec(target)?.[1];
  const device = unit === undefined ? target : (name ?? `unit-${unit}`).trim();
  const prefix = typedPrefix ?? `${device}.`;
  if (options.length === 0) return <p className="soft">{t.mapNeedsDevice}</p>;
  return (
    <Panel title={t.map}>
      <p className="soft">{t.mapDetail}</p>
      <div className="actions search-form">
        <Choice label={t.mapDevice} value={target} options={options} onChange={setChosen} testId="map-device" />
        {unit === undefined ? null : <IxInput label={t.mapName} value={name ?? `unit-${unit}`} onValueChange={(event) => setName(event.detail)} data-testid="map-name" />}
        <IxInput label={t.mapPrefix} value={prefix} onValueChange={(event) => setTypedPrefix(event.detail)} data-testid="map-prefix" />
        <Choice label={t.mapBase} value={base} options={[['table', t.mapBases.table], ['0', t.mapBases.zero], ['1', t.mapBases.one]]} onChange={setBase} testId="map-base" />
        <IxButton variant="secondary" disabled={disabled || device === ''} onClick={() => files.current?.click()} data-testid="map-open">
          {t.mapOpen}
        </IxButton>
        <input ref={files} type="file" accept=".csv,.txt,text/csv" hidden aria-label={t.mapOpen} data-testid="map-file" onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          // The same file, mended, can be opened again.
          event.currentTarget.value = '';
          if (file !== undefined) onFile(file, { device, prefix, ...(unit !== undefined && { unit: Number(unit) }), ...(base !== 'table' && { base: base === '0' ? 0 : 1 }) });
        }} />
      </div>
    </Panel>
  );
}
