import { VERSION, type DriverModule } from '../contract/index.js';
import { allows, type Licence, type ModuleEntry } from './licence.js';
import type { NodeDocument } from './node-document.js';
import type { DocumentProblems } from './problem-list.js';

/** Sections of the site document that are functions of their own. */
const FUNCTIONS = ['alarms', 'schedules', 'trends', 'logic'] as const;

/** Everything that this build can run. */
export function installedModules(drivers: readonly DriverModule[]): ModuleEntry[] {
  return [...drivers.map(({ kind, version }) => ({ name: `driver/${kind}`, version })), ...FUNCTIONS.map((name) => ({ name: `function/${name}`, version: VERSION }))];
}

/** What of it a node is entitled to run: without a licence all. */
export function entitledModules(drivers: readonly DriverModule[], licence: Licence | undefined): ModuleEntry[] {
  return installedModules(drivers).filter((entry) => licence === undefined || allows(licence, entry));
}

/** A site that needs more than the node's licence allows is refused, module by module. */
export function checkEntitlement(top: Readonly<Record<string, unknown>>, drivers: ReadonlyMap<string, DriverModule>, node: NodeDocument | undefined, problems: DocumentProblems): void {
  const licence = node?.licence;
  if (licence === undefined) return;
  const refuse = (entry: ModuleEntry, ...path: string[]): void => {
    if (!allows(licence, entry)) problems.error('LICENCE_MODULE', `the licence of ${licence.licensee} does not cover ${entry.name} ${entry.version} on node ${node?.config.id ?? ''}`, path);
  };
  for (const [device, { kind, version }] of drivers) refuse({ name: `driver/${kind}`, version }, 'devices', device, 'driver');
  for (const name of FUNCTIONS) if (top[name] !== undefined) refuse({ name: `function/${name}`, version: VERSION }, name);
}
