import { reaches, TandemError, type AreaDefinition, type AreaRole, type Roles, type SiteRole } from '../../contract/index.js';

const MOST_AREAS = 200;

/** Nothing but the roles of what has some; `areas` only where there are any. */
export function rolesOf({ role, areas }: Roles): Roles {
  return areas === undefined || Object.keys(areas).length === 0 ? { role } : { role, areas };
}

/**
 * Roles as somebody wants them to be. `before`: those of now, whose areas may have gone from the configuration since and stay all the same.
 * @throws USER_INVALID, AREA_UNKNOWN
 */
export function checkRoles(wanted: Roles, known: readonly AreaDefinition[], before?: Roles): Roles {
  const roles = rolesOf(wanted);
  const areas = Object.entries(roles.areas ?? {});
  if (areas.length > MOST_AREAS) throw new TandemError('USER_INVALID', `at most ${MOST_AREAS} areas: give a role for what lies above them`);
  if (areas.length > 0 && reaches(roles.role, 'engineer')) {
    throw new TandemError('USER_INVALID', `the role ${roles.role} holds for the whole site, because it may change what lies in which area: give viewer, operator or none for the site, or no areas`);
  }
  if (roles.role === 'none' && !areas.some(([, role]) => role !== 'none')) throw new TandemError('USER_INVALID', 'without a role for the site there must be one for an area');
  const names = new Set(known.map(({ name }) => name));
  const unknown = areas.filter(([name]) => !names.has(name) && !Object.hasOwn(before?.areas ?? {}, name)).map(([name]) => name);
  if (unknown.length > 0) throw new TandemError('AREA_UNKNOWN', `there is no area ${unknown.join(', ')} in the configuration`, { details: { unknown } });
  return roles;
}

/** With `access: open` everybody reads everything: whoever signs in does not see less for it. */
export function readingOpen<T extends Roles>(given: T): T {
  const lift = <R extends SiteRole | AreaRole>(role: R): R | 'viewer' => (role === 'none' ? 'viewer' : role);
  const { areas } = given;
  return { ...given, role: lift(given.role), ...(areas === undefined ? {} : { areas: Object.fromEntries(Object.entries(areas).map(([area, role]) => [area, lift(role)])) }) };
}
