import { z } from 'zod';
import { durationMs, notificationEvents, type NotificationRecipient, type NotificationRoute, type NotificationSettings } from '../contract/index.js';
import { checkArea } from './areas.js';
import { compact } from './compact.js';
import { checkName } from './names.js';
import { suggestion } from './nearest.js';
import type { DocumentProblems } from './problem-list.js';
import { parseTime } from './schedule-values.js';
import { check } from './schema-check.js';

const names = z.array(z.string().min(1)).min(1);
const recipientShape = z.strictObject({ email: z.union([z.email(), z.array(z.email()).min(1)]).optional(), webhook: z.string().min(1).optional() });
const routeShape = z.strictObject({
  to: names,
  classes: names.optional(),
  priorities: z.array(z.int().min(1).max(4)).min(1).optional(),
  areas: names.optional(),
  on: z.array(z.enum(notificationEvents)).min(1).default(['raised']),
  quiet: z.strictObject({ from: z.string(), to: z.string() }).optional(),
  escalate: z.array(z.strictObject({ after: durationMs, to: names })).default([]),
});
const shape = z.strictObject({ recipients: z.record(z.string(), z.unknown()).default({}), routes: z.array(z.unknown()).default([]) });

/** Reads `notifications:`; undefined where there is none. */
export function readNotifications(raw: unknown, timezone: string, areas: ReadonlySet<string> | undefined, problems: DocumentProblems): NotificationSettings | undefined {
  if (raw === undefined) return undefined;
  const written = check(shape, raw, problems);
  if (written === undefined) return undefined;
  const recipients = new Map(Object.entries(written.recipients).map(([name, value]) => [name, readRecipient(name, value, problems.at('recipients', name))]));
  const routes = written.routes.map((route, index) => readRoute(route, recipients, areas, problems.at('routes', index)));
  return { timezone, recipients: [...recipients.values()].filter((recipient) => recipient !== undefined), routes: routes.filter((route) => route !== undefined) };
}

function readRecipient(name: string, raw: unknown, problems: DocumentProblems): NotificationRecipient | undefined {
  checkName(name, 'recipient', problems);
  const written = check(recipientShape, raw, problems);
  if (written === undefined) return undefined;
  const { email, webhook } = written;
  if ((email === undefined) === (webhook === undefined)) problems.error('CONFIG_INVALID', 'needs `email` or `webhook`, one of them');
  return compact({ name, emails: email === undefined ? undefined : [email].flat(), webhook });
}

function readRoute(raw: unknown, recipients: ReadonlyMap<string, unknown>, areas: ReadonlySet<string> | undefined, problems: DocumentProblems): NotificationRoute | undefined {
  const written = check(routeShape, raw, problems);
  if (written === undefined) return undefined;
  const { to, classes, priorities, on, escalate } = written;
  const mustExist = (list: readonly string[], at: DocumentProblems): void => {
    list.forEach((name, index) => {
      if (!recipients.has(name)) at.error('CONFIG_REFERENCE', `there is no recipient \`${name}\`${suggestion(name, recipients.keys())}`, [index]);
    });
  };
  mustExist(to, problems.at('to'));
  escalate.forEach((step, index) => {
    mustExist(step.to, problems.at('escalate', index, 'to'));
    if (step.after <= (escalate[index - 1]?.after ?? 0)) problems.error('CONFIG_INVALID', 'must be later than the step before it', ['escalate', index, 'after']);
  });
  if (escalate.length > 0 && !on.includes('raised')) problems.error('CONFIG_CLASH', 'escalates what is raised, and the route is not told of that', ['escalate']);
  written.areas?.forEach((area, index) => checkArea(area, areas, problems.at('areas', index)));
  const [fromMs, toMs] = (['from', 'to'] as const).map((key) => {
    const time = written.quiet === undefined ? undefined : parseTime(written.quiet[key]);
    if (written.quiet !== undefined && time === undefined) problems.error('CONFIG_INVALID', `must be a time of the day, "22:00" (found "${written.quiet[key]}")`, ['quiet', key]);
    return time;
  });
  const quiet = fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs };
  return compact({ to, classes, priorities, areas: written.areas, on, quiet, escalate: escalate.map(({ after, to: whom }) => ({ afterMs: after, to: whom })) });
}
