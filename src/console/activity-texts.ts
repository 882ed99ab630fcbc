import type { ActivityKind, ActivityResult, ActivityStep, ActivityUnit } from '../contract/activity.js';

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const grouped = (count: number): string => number.format(count).replaceAll(',', '\u2009');
const counted = (count: number, unit: ActivityUnit | undefined): string => (unit === 'bytes' ? `${grouped(count / 1e6)} MB` : `${grouped(count)}${unit === undefined ? '' : ` ${unit}`}`);

const subjects: Readonly<Record<string, string>> = { history: 'the history', alarms: 'alarms', audit: 'the audit', events: 'the event record', conflicts: 'the conflicts', points: 'points', trends: 'trends', bacnet: 'BACnet', 'modbus-tcp': 'Modbus TCP', 'modbus-rtu-tcp': 'Modbus RTU over TCP', 'modbus-rtu': 'Modbus RTU' };
const named = (subject: string): string => subjects[subject] ?? subject;

export const activityTexts = {
  title: 'Under way',
  begun: (what: string) => `Under way: ${what}`,
  more: (count: number) => `and ${count} more`,
  kinds: {
    sync: (node) => `Bringing node ${node} up to date`,
    'history-fill': (node) => `Bringing the history of node ${node} home`,
    windback: (device) => `Reading back what device ${device} has logged`,
    discovery: (driver) => `Looking for devices, ${named(driver)}`,
    import: (of) => `Import: ${named(of)}`,
    check: () => 'Checking the configuration',
    apply: () => 'Putting the configuration into force',
    export: (of) => `Export: ${named(of)}`,
    verify: () => 'Comparing the two nodes',
  } satisfies Record<ActivityKind, (subject: string) => string> as Readonly<Record<ActivityKind, (subject: string) => string>>,
  steps: {
    'snapshot-make': 'making a snapshot of everything',
    'snapshot-send': 'sending the snapshot',
    'snapshot-receive': 'the snapshot is on its way',
    'snapshot-store': 'storing the snapshot',
    'catch-up': 'what has happened since',
    samples: 'recorded values',
    journal: 'journal entries',
    'device-log': 'point by point',
    search: 'asking',
    'read-rows': 'reading the rows',
    'write-changes': 'writing the changes into the document',
    'check-document': 'checking the document',
    'ask-standby': 'the standby checks it',
    'write-rows': 'writing the rows',
    look: 'each node looks at itself and at its devices',
    'compare-history': 'history, point by point',
    'compare-again': 'what differs is looked at once more',
  } satisfies Record<ActivityStep, string> as Readonly<Record<ActivityStep, string>>,
  where: (node: string, by: string | undefined) => (by === undefined ? `node ${node}` : `node ${node}, for ${by}`),
  /** What cannot be counted has no figures. Of a stretch of time the share says more than milliseconds. */
  progress: (done: number | undefined, total: number | undefined, unit: ActivityUnit | undefined): string => {
    if (done === undefined) return '';
    if (total === undefined || total <= 0) return unit === 'ms' ? '' : counted(done, unit);
    const share = `${Math.floor((Math.min(done, total) / total) * 100)} %`;
    return unit === 'ms' ? share : `${share} (${counted(done, unit)} of ${counted(total, unit)})`;
  },
  /** For who has loaded the page again while they waited. */
  came: (what: string, kind: ActivityKind, { number, changes = 0, errors = 0 }: ActivityResult) => {
    if (number !== undefined) return `${what}: done, as change ${number}.`;
    const found = errors === 0 ? 'no errors' : errors === 1 ? '1 error' : `${errors} errors`;
    return kind === 'import' ? `${what}: ${changes === 1 ? '1 definition differs' : `${grouped(changes)} definitions differ`}, ${found}. Nothing is applied yet: open the file again to see it.` : `${what}: ${found}.${errors === 0 ? '' : ' Check again to see them.'}`;
  },
  failed: (what: string, message: string, code: string) => `${what} failed: ${message} (${code})`,
};
