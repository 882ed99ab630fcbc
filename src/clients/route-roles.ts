import type { AlarmAction, UserRole } from '../contract/index.js';

/** Who may use a route, and where its use is audited. */
export interface RouteRule {
  /** `anybody` needs no credential at all. */
  readonly role: UserRole | 'anybody';
  /**
   * `area`: the role in the area of what it is about is enough, and the route looks there ({@link Reach}). Left out: it is of the whole
   * site, needs the site's role, and shows nothing to who does not see all of it.
   */
  readonly where?: 'area';
  /** How the audit names a change; `itself` where what carries it out writes the entry, with old and new. */
  readonly audit?: string;
}

const anybody: RouteRule = { role: 'anybody' };
const viewer: RouteRule = { role: 'viewer' };
/** Shows of the plant what the roles of areas let see. */
const areaViewer: RouteRule = { role: 'viewer', where: 'area' };

/**
 * Every route of the REST interface (C5). A route that is missing here is for administrators alone, and a test fails
 * (test/contract/route-roles.test.ts): nothing is open because somebody forgot.
 */
export const routeRules: Readonly<Record<string, RouteRule>> = {
  // What is needed before anybody has signed in, or by a load balancer
  'GET /healthz': anybody,
  'GET /active': anybody,
  'GET /api/v1/session': anybody,
  'POST /api/v1/session': { role: 'anybody', audit: 'itself' },
  'POST /api/v1/set-up': { role: 'anybody', audit: 'itself' },
  'GET /*': anybody,
  // What is in the product's documentation anyway
  'GET /api/docs': anybody,
  'GET /api/docs/openapi.json': anybody,
  'GET /api/docs/asyncapi.json': anybody,

  'PUT /api/v1/session': { role: 'viewer', where: 'area', audit: 'itself' },
  'DELETE /api/v1/session': { role: 'viewer', where: 'area', audit: 'itself' },
  'PUT /api/v1/session/password': { role: 'viewer', where: 'area', audit: 'itself' },

  'GET /api/v1/users': { role: 'administrator' },
  'POST /api/v1/users': { role: 'administrator', audit: 'itself' },
  'PUT /api/v1/users/:name': { role: 'administrator', audit: 'itself' },
  'DELETE /api/v1/users/:name': { role: 'administrator', audit: 'itself' },
  'GET /api/v1/sessions': { role: 'administrator' },
  'DELETE /api/v1/sessions/:id': { role: 'administrator', audit: 'itself' },
  'GET /api/v1/tokens': { role: 'administrator' },
  'POST /api/v1/tokens': { role: 'administrator', audit: 'itself' },
  'DELETE /api/v1/tokens/:id': { role: 'administrator', audit: 'itself' },
  'GET /api/v1/audit': { role: 'engineer' },

  'GET /metrics': viewer,

  'GET /api/v1/activities': areaViewer,
  'GET /api/v1/areas': areaViewer,
  'GET /api/v1/points': areaViewer,
  'GET /api/v1/points/:name': areaViewer,
  'GET /api/v1/points/:name/priority-array': areaViewer,
  'PUT /api/v1/points/:name': { role: 'operator', where: 'area', audit: 'itself' },
  'GET /api/v1/overrides': areaViewer,
  'POST /api/v1/points/:name/override': { role: 'operator', where: 'area', audit: 'itself' },
  'DELETE /api/v1/points/:name/override': { role: 'operator', where: 'area', audit: 'itself' },
  'POST /api/v1/points/:name/take-out-of-service': { role: 'operator', where: 'area', audit: 'itself' },
  'POST /api/v1/points/:name/return-to-service': { role: 'operator', where: 'area', audit: 'itself' },

  'GET /api/v1/alarms': areaViewer,
  'GET /api/v1/alarms/journal': areaViewer,
  'GET /api/v1/notifications': viewer,
  'POST /api/v1/notifications/:id/send': { role: 'operator', audit: 'notification-send' },
  'POST /api/v1/notifications/:id/give-up': { role: 'operator', audit: 'notification-give-up' },
  'GET /api/v1/alarms/figures': viewer,
  'GET /api/v1/alarms/mutes': areaViewer,
  'GET /api/v1/alarms/:name': areaViewer,
  'POST /api/v1/alarms/mutes': { role: 'operator', where: 'area', audit: 'alarm-mute' },
  'DELETE /api/v1/alarms/mutes': { role: 'operator', where: 'area', audit: 'alarm-unmute' },
  'POST /api/v1/alarms/silence': { role: 'operator', where: 'area', audit: 'alarm-silence' },
  'POST /api/v1/alarms/:name/shelve': { role: 'operator', where: 'area', audit: 'alarm-shelve' },
  'POST /api/v1/alarms/:name/unshelve': { role: 'operator', where: 'area', audit: 'alarm-unshelve' },
  'POST /api/v1/alarms/:name/reset': { role: 'operator', where: 'area', audit: 'alarm-reset' },
  'POST /api/v1/alarms/:name/take-out-of-service': { role: 'operator', where: 'area', audit: 'alarm-out-of-service' },
  'POST /api/v1/alarms/:name/return-to-service': { role: 'operator', where: 'area', audit: 'alarm-in-service' },
  'POST /api/v1/alarms/:name/notes': { role: 'operator', where: 'area', audit: 'alarm-note' },
  'POST /api/v1/alarms/:name/acknowledge': { role: 'operator', where: 'area', audit: 'acknowledge' },

  'GET /api/v1/history': areaViewer,
  'GET /api/v1/history/aggregate': areaViewer,
  'GET /api/v1/history.csv': areaViewer,

  'GET /api/v1/schedules': areaViewer,
  'GET /api/v1/schedules/:name': areaViewer,

  'GET /api/v1/graphics': areaViewer,
  'GET /api/v1/graphics/:name': areaViewer,
  // It reads a drawing and changes nothing
  'POST /api/v1/graphics/:name/check': { role: 'engineer', audit: 'itself' },
  'GET /api/v1/kpis': areaViewer,

  'GET /api/v1/logic': areaViewer,
  'GET /api/v1/logic/:name': areaViewer,
  'POST /api/v1/logic/:name/restart': { role: 'engineer', audit: 'logic-restart' },
  // It changes nothing
  'POST /api/v1/logic/:name/dry-run': { role: 'engineer', audit: 'itself' },

  'GET /api/v1/devices': areaViewer,
  // It asks the device, and some do not take the question well
  'GET /api/v1/devices/:name/identification': { role: 'operator', where: 'area' },
  'GET /api/v1/devices/:device/schedules': areaViewer,
  'GET /api/v1/devices/:device/schedules/:object': areaViewer,
  'PUT /api/v1/devices/:device/schedules/:object': { role: 'operator', where: 'area', audit: 'itself' },

  'POST /api/v1/discovery': { role: 'engineer', audit: 'discovery' },
  'GET /api/v1/discovery/:id': { role: 'engineer' },
  'POST /api/v1/discovery/import': { role: 'engineer', audit: 'discovery-import' },
  'GET /api/v1/discovery/files': { role: 'engineer' },
  'GET /api/v1/discovery/:id/files': { role: 'engineer' },
  // It reads a text and gives another one back
  'POST /api/v1/discovery/:id/document': { role: 'engineer', audit: 'itself' },
  'DELETE /api/v1/discovery/:id': { role: 'engineer', audit: 'discovery-cancel' },

  'GET /api/v1/redundancy': areaViewer,
  'POST /api/v1/redundancy/switch': { role: 'operator', audit: 'switch' },
  'POST /api/v1/redundancy/hold': { role: 'operator', audit: 'hold' },
  'POST /api/v1/redundancy/release': { role: 'operator', audit: 'release' },
  'POST /api/v1/redundancy/force': { role: 'engineer', audit: 'force' },
  'POST /api/v1/redundancy/drill': { role: 'engineer', audit: 'drill' },
  'GET /api/v1/redundancy/drill': viewer,
  'GET /api/v1/redundancy/settings': viewer,
  'GET /api/v1/redundancy/verify': viewer,
  'POST /api/v1/redundancy/verify': { role: 'operator', audit: 'verify' },
  'GET /api/v1/redundancy/partners': viewer,
  'PUT /api/v1/redundancy/partners/:symbol': { role: 'engineer', audit: 'partner-row' },
  'POST /api/v1/redundancy/partners/:symbol/try-to-connect': { role: 'engineer', audit: 'try-to-connect' },
  'GET /api/v1/redundancy/trust': viewer,
  'POST /api/v1/redundancy/trust': { role: 'administrator', audit: 'trust' },
  'POST /api/v1/redundancy/trust/renew': { role: 'administrator', audit: 'trust-renew' },
  'GET /api/v1/redundancy/events': viewer,
  'GET /api/v1/redundancy/conflicts': viewer,
  'POST /api/v1/redundancy/conflicts/:id/adopt': { role: 'engineer', audit: 'itself' },
  'POST /api/v1/redundancy/conflicts/dismiss': { role: 'engineer', audit: 'itself' },
  'DELETE /api/v1/redundancy/conflicts/:id': { role: 'engineer', audit: 'itself' },

  'GET /api/v1/configuration': viewer,
  'PUT /api/v1/configuration': { role: 'engineer', audit: 'itself' },
  // They read a text and change nothing
  'POST /api/v1/configuration/check': { role: 'engineer', audit: 'itself' },
  'POST /api/v1/configuration/diff': { role: 'engineer', audit: 'itself' },
  'GET /api/v1/configuration/diff': viewer,
  'GET /api/v1/configuration/history': viewer,
  'GET /api/v1/configuration/history/:number': viewer,
  'POST /api/v1/calendars/:name/import': { role: 'engineer', audit: 'itself' },
  'POST /api/v1/configuration/rollback': { role: 'engineer', audit: 'itself' },
  'POST /api/v1/configuration/candidate/apply': { role: 'engineer', audit: 'itself' },
  'DELETE /api/v1/configuration/candidate': { role: 'engineer', audit: 'configuration-dismiss' },
  'GET /api/v1/configuration/sheets/:section': viewer,
  // It reads a table and changes nothing
  'POST /api/v1/configuration/sheets/:section/diff': { role: 'engineer', audit: 'itself' },
  'PUT /api/v1/configuration/sheets/:section': { role: 'engineer', audit: 'itself' },
  'GET /api/v1/configuration/:section': viewer,
  'GET /api/v1/configuration/:section/:name': viewer,
  'PUT /api/v1/configuration/:section/:name': { role: 'engineer', audit: 'itself' },
  'DELETE /api/v1/configuration/:section/:name': { role: 'engineer', audit: 'itself' },
};

/** Messages of the WebSocket (docs/client-protocol.md): the role in the area of what they are about is enough. */
export const messageRoles = {
  authenticate: 'anybody',
  subscribe: 'viewer',
  unsubscribe: 'viewer',
  write: 'operator',
  acknowledge: 'operator',
  alarm: 'operator',
} as const satisfies Record<string, UserRole | 'anybody'>;

/** How the audit names what a person does to alarms, over the WebSocket as over REST. */
export const alarmAudits = {
  acknowledge: 'acknowledge',
  shelve: 'alarm-shelve',
  unshelve: 'alarm-unshelve',
  reset: 'alarm-reset',
  'take-out-of-service': 'alarm-out-of-service',
  'return-to-service': 'alarm-in-service',
  note: 'alarm-note',
  silence: 'alarm-silence',
  mute: 'alarm-mute',
  unmute: 'alarm-unmute',
} as const satisfies Record<AlarmAction['kind'], string>;

/** HEAD is as GET. Undefined: the route is in no table. */
export function ruleOf(method: string, path: string): RouteRule | undefined {
  return routeRules[`${method === 'HEAD' ? 'GET' : method} ${path}`];
}
