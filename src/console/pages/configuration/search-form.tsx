import { IxInput } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { Choice } from '../../components/choice.js';
import { searchable, type Search, type Searchable, type SearchPlaces } from '../../data/discovery.js';
import { discoveryTexts as t } from '../../discovery-texts.js';

const lineKinds: Readonly<Partial<Record<Searchable, string>>> = { bacnet: 'bacnet-ip', 'modbus-rtu': 'modbus-rtu' };

/** What a person has chosen and typed of a search; kept while the protocol is changed. */
export interface SearchInput {
  readonly driver: Searchable;
  readonly line: string;
  readonly range: string;
  readonly host: string;
  readonly port: string;
  readonly units: string;
  readonly identify: boolean;
}

export function useSearchInput(places: SearchPlaces | undefined): { readonly input: SearchInput; readonly lines: readonly string[]; readonly change: (change: Partial<SearchInput>) => void } {
  const [typed, setTyped] = useState<Omit<SearchInput, 'driver'> & { readonly driver?: Searchable }>({ line: '', range: '', host: '', port: '502', units: '1-32', identify: false });
  const linesOf = (driver: Searchable): readonly string[] => places?.lines[lineKinds[driver] ?? ''] ?? [];
  // A site without a BACnet line most likely looks for Modbus.
  const driver = typed.driver ?? (linesOf('bacnet').length > 0 ? 'bacnet' : 'modbus-tcp');
  const lines = linesOf(driver);
  return { input: { ...typed, driver, line: lines.includes(typed.line) ? typed.line : (lines[0] ?? '') }, lines, change: (change) => setTyped((before) => ({ ...before, ...change })) };
}

/** Undefined as long as something is missing. */
export function searchOf({ driver, line, range, host, port, units, identify }: SearchInput): Search | undefined {
  if (driver === 'bacnet') return line === '' ? undefined : { driver, line, options: range.trim() === '' ? {} : { range: range.trim() } };
  if (units.trim() === '') return undefined;
  const options = { units: units.trim(), identify };
  if (driver === 'modbus-rtu') return line === '' ? undefined : { driver, line, options };
  if (host.trim() === '' || !/^\d+$/.test(port.trim())) return undefined;
  return { driver, options: { ...options, host: host.trim(), port: Number(port) } };
}

interface SearchFormProps {
  readonly input: SearchInput;
  readonly lines: readonly string[];
  readonly onChange: (change: Partial<SearchInput>) => void;
}

/** By which protocol is looked, where, and for which numbers. */
export function SearchForm({ input, lines, onChange }: SearchFormProps): ReactNode {
  const { driver, line, range, host, port, units, identify } = input;
  return (
    <>
      <Choice label={t.protocol} value={driver} options={searchable.map((name) => [name, t.protocols[name]] as const)} onChange={(next) => onChange({ driver: next })} testId="discovery-protocol" />
      {lineKinds[driver] === undefined ? (
        <>
          <IxInput label={t.host} value={host} onValueChange={(event) => onChange({ host: event.detail })} data-testid="discovery-host" />
          <IxInput label={t.port} value={port} onValueChange={(event) => onChange({ port: event.detail })} data-testid="discovery-port" />
        </>
      ) : lines.length === 0 ? null : (
        <Choice label={t.lineOf[driver === 'bacnet' ? 'bacnet' : 'serial']} value={line} options={lines.map((name) => [name, name] as const)} onChange={(next) => onChange({ line: next })} testId="discovery-line" />
      )}
      {driver === 'bacnet' ? (
        <IxInput label={t.range} value={range} onValueChange={(event) => onChange({ range: event.detail })} data-testid="discovery-range" />
      ) : (
        <>
          <IxInput label={t.units} value={units} onValueChange={(event) => onChange({ units: event.detail })} data-testid="discovery-units" />
          <label className="check" title={t.identifyWhy}>
            <input type="checkbox" checked={identify} onChange={(event) => onChange({ identify: event.currentTarget.checked })} data-testid="discovery-identify" />
            {t.identify}
          </label>
        </>
      )}
    </>
  );
}
