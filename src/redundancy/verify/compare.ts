import type { Finding, VerifiedPart } from '../../contract/index.js';
import { endpointOf } from '../probe.js';
import type { HistoryDigests, Looked, NodeFacts } from './facts.js';

/** Sections of the site document that have a name of their own among what is verified. */
const SECTION_PARTS: Readonly<Record<string, VerifiedPart>> = { screens: 'screens', logic: 'logic' };
/** Days of one point that are named; the rest is counted. */
const NAMED_WINDOWS = 5;

/** Everything in which two nodes differ, and what each of them finds wrong by itself. Pure; the order is that of importance. */
export function compareNodes(own: NodeFacts, theirs: NodeFacts, documentChanges: readonly string[]): Finding[] {
  const both = [own, theirs] as const;
  const standby = both.find(({ role }) => role === 'standby');
  return [
    ...configurations(own, theirs, documentChanges),
    ...keyByKey('settings', own.settings, theirs.settings, (key, a, b) => `setting ${key} is ${a} on node ${own.node} and ${b} on node ${theirs.node}`),
    ...keyByKey('version', own.versions, theirs.versions, (key, a, b) => `${key}: ${a} on node ${own.node}, ${b} on node ${theirs.node}`),
    ...(own.console === theirs.console ? [] : [difference('screens', `the web console of node ${own.node} is another build than that of node ${theirs.node}`)]),
    ...names(own, theirs),
    ...portsSeenBy(own, theirs),
    ...portsSeenBy(theirs, own),
    ...(standby === undefined
      ? [unchecked('device', 'neither node is standby: whether the devices can be reached from the one that would take over was not checked')]
      : standby.devices.flatMap((device) => reached('device', `device ${device.name}`, standby.node, device))),
    ...both.flatMap(({ node, network }) => network.flatMap((path) => reached('network', path.name, node, path))),
    ...both.flatMap(({ node, database }) => reached('database', `database ${database.name}`, node, database)),
    ...warnings(own, theirs),
  ];
}

/** Days in which the stored samples of a point differ. `fromOwn` and `fromTheirs` are of the same points and times. */
export function compareHistory(own: { readonly node: string; readonly digests: HistoryDigests }, theirs: { readonly node: string; readonly digests: HistoryDigests }): { readonly point: string; readonly finding: Finding }[] {
  const mine = new Map(own.digests);
  const other = new Map(theirs.digests);
  return [...new Set([...mine.keys(), ...other.keys()])].sort().flatMap((point) => {
    const a = new Map((mine.get(point) ?? []).map(([startMs, count, digest]) => [startMs, { count, digest }]));
    const b = new Map((other.get(point) ?? []).map(([startMs, count, digest]) => [startMs, { count, digest }]));
    const days = [...new Set([...a.keys(), ...b.keys()])].sort((one, two) => one - two).filter((startMs) => a.get(startMs)?.digest !== b.get(startMs)?.digest);
    if (days.length === 0) return [];
    const named = days.slice(0, NAMED_WINDOWS).map((startMs) => `${new Date(startMs).toISOString().slice(0, 10)} (${a.get(startMs)?.count ?? 0} samples on node ${own.node}, ${b.get(startMs)?.count ?? 0} on node ${theirs.node})`);
    const rest = days.length > NAMED_WINDOWS ? ` and ${days.length - NAMED_WINDOWS} more days` : '';
    return [{ point, finding: difference('history', `history of ${point} differs on ${named.join(', ')}${rest}`) }];
  });
}

/** Differences first, then warnings, then what was not checked; each text once. */
export function ordered(findings: readonly Finding[]): Finding[] {
  const rank: Readonly<Record<Finding['severity'], number>> = { difference: 0, warning: 1, unchecked: 2 };
  const once = new Map(findings.map((finding) => [`${finding.part} ${finding.text}`, finding]));
  return [...once.values()].sort((a, b) => rank[a.severity] - rank[b.severity]);
}

function configurations(own: NodeFacts, theirs: NodeFacts, changes: readonly string[]): Finding[] {
  const found = [own, theirs].flatMap(({ node, candidate }) => (candidate === undefined ? [] : [difference('configuration', `the site file ${candidate} of node ${node} was changed by hand and waits to be applied or dismissed`)]));
  const [a, b] = [own.configuration, theirs.configuration];
  if (a?.revision !== b?.revision || a?.number !== b?.number || a?.digest !== b?.digest) {
    const named = (node: string, configuration: NodeFacts['configuration']): string => (configuration === undefined ? `node ${node} stores none` : `node ${node} runs number ${configuration.number} (${configuration.revision})`);
    found.push(difference('configuration', `${named(own.node, a)}, ${named(theirs.node, b)}${changes.length === 0 ? '' : `: ${changes.join(', ')}`}`));
  }
  for (const section of new Set([...Object.keys(own.sections), ...Object.keys(theirs.sections)])) {
    if (own.sections[section] === theirs.sections[section]) continue;
    found.push(difference(SECTION_PARTS[section] ?? 'configuration', `section \`${section}\` of the site document differs`));
  }
  return found;
}

function names(own: NodeFacts, theirs: NodeFacts): Finding[] {
  const found: Finding[] = [];
  if (own.site !== theirs.site) found.push(difference('names', `node ${own.node} belongs to ${own.site}, node ${theirs.node} to ${theirs.site}: history is stored under that name`));
  for (const [one, other] of [[own, theirs], [theirs, own]] as const) {
    if (one.partner !== undefined && one.partner.symbol !== other.node) found.push(difference('names', `node ${one.node} calls its partner ${one.partner.symbol}; it calls itself ${other.node}`));
  }
  return found;
}

/** Whether a node looks for the other one where that listens. */
function portsSeenBy({ node, partner }: NodeFacts, other: NodeFacts): Finding[] {
  if (partner === undefined) return [];
  const found: Finding[] = [];
  if (partner.port !== other.link.port) found.push(difference('ports', `node ${node} looks for the link of node ${other.node} at port ${partner.port}; it listens on ${other.link.port}`));
  if ((partner.secondPath === undefined) !== (other.heartbeat === undefined)) {
    found.push(difference('ports', partner.secondPath === undefined ? `node ${other.node} listens on a second path that node ${node} does not use` : `node ${node} uses a second path to node ${other.node}, which listens on none`));
  } else if (partner.secondPath?.port !== other.heartbeat?.port) {
    found.push(difference('ports', `node ${node} looks for the second path of node ${other.node} at port ${partner.secondPath?.port ?? 0}; it listens on ${other.heartbeat?.port ?? 0}`));
  }
  const shown = endpointOf(other.url)?.port;
  if (shown !== undefined && shown !== other.consoleAt.port) {
    found.push({ part: 'ports', severity: 'warning', text: `the console of node ${other.node} listens on port ${other.consoleAt.port}, and its url says ${shown}: right only behind a proxy` });
  }
  return found;
}

function reached(part: VerifiedPart, what: string, node: string, { state, why }: Looked): Finding[] {
  if (state === 'reachable') return [];
  if (state === 'unchecked') return [unchecked(part, `${what}: not checked, ${why}`)];
  return [difference(part, `${what} cannot be reached from node ${node}: ${why}`)];
}

function warnings(...nodes: readonly NodeFacts[]): Finding[] {
  return nodes.flatMap(({ warnings: own }) => own.map(({ part, text }): Finding => ({ part, severity: 'warning', text })));
}

function keyByKey(part: VerifiedPart, own: Readonly<Record<string, string>>, theirs: Readonly<Record<string, string>>, say: (key: string, a: string, b: string) => string): Finding[] {
  return [...new Set([...Object.keys(own), ...Object.keys(theirs)])].filter((key) => own[key] !== theirs[key]).map((key) => difference(part, say(key, own[key] ?? 'absent', theirs[key] ?? 'absent')));
}

function difference(part: VerifiedPart, text: string): Finding {
  return { part, severity: 'difference', text };
}

function unchecked(part: VerifiedPart, text: string): Finding {
  return { part, severity: 'unchecked', text };
}
