import { userRoles, type UserRole } from './access.js';

/**
 * What somebody may have in one area. Engineers and administrators change what belongs to the whole site (the configuration says
 * what lies in which area), so that those roles in one area would promise a border that is none.
 */
export const areaRoles = ['none', 'viewer', 'operator'] as const;
export type AreaRole = (typeof areaRoles)[number];

/** A role for the whole site, or none: then only what the areas give. */
export const siteRoles = ['none', ...userRoles] as const;
export type SiteRole = (typeof siteRoles)[number];

/** Roles of a user or a token (C11): one for the site, and others for areas, each with everything below it. */
export interface Roles {
  readonly role: SiteRole;
  /** By name of the area, `Tower/F1`. Absent: the site's role holds everywhere. */
  readonly areas?: Readonly<Record<string, AreaRole>>;
}

/** Whether `role` reaches as far as `needed`. */
export function reaches(role: SiteRole, needed: UserRole): boolean {
  return siteRoles.indexOf(role) >= siteRoles.indexOf(needed);
}

/** The role in an area: of the deepest area that has one, else the site's. What lies in no area is the site's. */
export function roleAt({ role, areas }: Roles, area: string | undefined): SiteRole {
  if (areas === undefined || area === undefined) return role;
  for (let at = area; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const found = Object.hasOwn(areas, at) ? areas[at] : undefined;
    if (found !== undefined) return found;
  }
  return role;
}

/** The least role in an area and everything below it: what is done to all of it needs that. */
export function roleThroughout(roles: Roles, area: string): SiteRole {
  return least([roleAt(roles, area), ...Object.entries(roles.areas ?? {}).filter(([name]) => name.startsWith(`${area}/`)).map(([, role]) => role)]);
}

/** The least role anywhere on the site: what is of the whole site and would show or touch every part needs that. */
export function roleEverywhere({ role, areas = {} }: Roles): SiteRole {
  return least([role, ...Object.values(areas)]);
}

/** The highest role anywhere: without it there is no use in looking where. */
export function roleSomewhere({ role, areas = {} }: Roles): SiteRole {
  return siteRoles[Math.max(...[role, ...Object.values(areas)].map((each) => siteRoles.indexOf(each)))] ?? 'none';
}

/** Something is hidden from whoever has these roles. */
export function isLimited(roles: Roles): boolean {
  return !reaches(roleEverywhere(roles), 'viewer');
}

/** `operator`, `viewer; Tower/F1: operator`: as messages and lists tell it. */
export function formatRoles({ role, areas = {} }: Roles): string {
  const parts = Object.entries(areas).map(([area, each]) => `${area}: ${each}`);
  return parts.length === 0 ? role : [...(role === 'none' ? [] : [role]), ...parts].join('; ');
}

function least(roles: readonly SiteRole[]): SiteRole {
  return siteRoles[Math.min(...roles.map((role) => siteRoles.indexOf(role)))] ?? 'none';
}
