import { areaRoles, siteRoles, TandemError, type AreaRole, type Roles, type SiteRole } from '../contract/index.js';

export const ROLES = `--role ${siteRoles.join('|')} [--area AREA=${areaRoles.join('|')} …]`;

/** @throws USAGE */
export function roleOf(text: string): SiteRole {
  const role = siteRoles.find((each) => each === text);
  if (role === undefined) throw new TandemError('USAGE', `--role is ${siteRoles.join(', ')}, not ${text}`);
  return role;
}

/** `--area Tower/F1=operator` gives a role, `--area Tower/F1=` takes it away; what is not named stays. @throws USAGE */
export function areasOf(given: readonly string[], before: Roles['areas'] = {}): Readonly<Record<string, AreaRole>> {
  const areas = new Map(Object.entries(before));
  for (const text of given) {
    const at = text.lastIndexOf('=');
    const [area, written] = [text.slice(0, at), text.slice(at + 1)];
    const role = areaRoles.find((each) => each === written);
    if (at < 1 || (role === undefined && written !== '')) throw new TandemError('USAGE', `--area is AREA=${areaRoles.join('|')}, or AREA= for none of its own, not ${text}`);
    if (role === undefined) areas.delete(area);
    else areas.set(area, role);
  }
  return Object.fromEntries(areas);
}
