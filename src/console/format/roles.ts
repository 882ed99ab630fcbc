import type { UserRole } from '../../contract/access.js';
import type { Roles } from '../../contract/area-roles.js';
import { accessTexts } from '../access-texts.js';

/** `Viewer; Tower/F1: Operator`: what somebody may, as lists show it. */
export function rolesText({ role, areas = {} }: Roles): string {
  const parts = Object.entries(areas).map(([area, each]) => `${area}: ${accessTexts.roles[each]}`);
  return parts.length === 0 ? accessTexts.roles[role] : [...(role === 'none' ? [] : [accessTexts.roles[role]]), ...parts].join('; ');
}

/** Why a button is grey: which role is missing, and where. Who has no roles for areas is not told of areas. */
export function needsText(user: Roles | undefined, role: UserRole, area: string | null | undefined): string {
  const name = accessTexts.roles[role];
  if (user?.areas === undefined) return accessTexts.needs(name);
  return area === undefined || area === null ? accessTexts.needsSite(name) : accessTexts.needs(name, area);
}
