/** Devices as they are written in the site document, by name. */
export type Written = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;

/** Where was looked. */
interface Looked {
  readonly driver: string;
  readonly line?: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Under which name the site has a device already that a search has found: the same instance on the same BACnet line, the same unit at the
 * same address or on the same serial line. What was written with other words for the same address is not known for it.
 */
export function configuredAs(written: Written, { driver, line, options }: Looked, id: string): string | undefined {
  const number = Number(id);
  const same = (block: Readonly<Record<string, unknown>>): boolean => {
    if (block.driver !== driver) return false;
    if (driver === 'bacnet') return block.instance === number && (line === undefined || block.line === undefined || block.line === line);
    if (Number(block.unit ?? 1) !== number) return false;
    return driver === 'modbus-rtu' ? block.line === line : block.host === options.host && Number(block.port ?? 502) === Number(options.port ?? 502);
  };
  return Object.entries(written).find(([, block]) => block !== null && same(block))?.[0];
}
