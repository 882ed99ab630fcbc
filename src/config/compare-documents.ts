import { isDeepStrictEqual } from 'node:util';
import { createTwoFilesPatch } from 'diff';
import type { ConfigurationChange, ConfigurationDiff, ConfigurationDocument, ConfigurationInfo } from '../contract/index.js';
import { isRecord } from './schema-check.js';
import { SourceDocument } from './source-document.js';

/** What is different between two revisions: definition by definition, and line by line. */
export function compareDocuments(from: ConfigurationDocument, to: ConfigurationDocument): ConfigurationDiff {
  const [before, after] = [sectionsOf(from.text), sectionsOf(to.text)];
  const changes = [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((section) => compareSection(section, before[section], after[section]));
  return { from: infoOf(from), to: infoOf(to), changes, patch: createTwoFilesPatch(nameOf(from), nameOf(to), from.text, to.text, undefined, undefined, { context: 3 }) };
}

export function infoOf({ revision, number, origin, points }: ConfigurationDocument): ConfigurationInfo {
  return { revision, number, origin, points };
}

/** Sections whose entries are definitions of their own; the others are one block. */
const NAMED = new Set(['lines', 'devices', 'templates', 'points', 'areas', 'alarmClasses', 'alarms', 'calendars', 'schedules', 'trends', 'logic', 'use', 'drawings', 'graphics', 'kpis']);

function compareSection(section: string, before: unknown, after: unknown): ConfigurationChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!NAMED.has(section)) return [{ section, name: '', change: changeOf(before, after) }];
  const [old, now] = [entriesOf(before), entriesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => !isDeepStrictEqual(old.get(name), now.get(name)))
    .map((name) => ({ section, name, change: changeOf(old.get(name), now.get(name)) }));
}

function changeOf(before: unknown, after: unknown): ConfigurationChange['change'] {
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}

function entriesOf(section: unknown): ReadonlyMap<string, unknown> {
  if (Array.isArray(section)) return new Map(section.map((entry, index) => [String(index), entry as unknown]));
  return new Map(isRecord(section) ? Object.entries(section) : []);
}

/** Top-level blocks of a document, as they read. */
export function sectionsOf(text: string): Readonly<Record<string, unknown>> {
  const { value } = new SourceDocument('', text);
  return isRecord(value) ? value : {};
}

function nameOf({ number, revision }: ConfigurationInfo): string {
  return `${number} ${revision}`;
}
