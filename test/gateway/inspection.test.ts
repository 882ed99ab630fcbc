import assert from 'node:assert/strict';
import { silentLog, type ConfigurationDocument, type DriverModule, type NodeConfig, type SiteConfig } from '../../src/contract/index.js';
import type { Field } from '../../src/field/index.js';
import type { Configuration } from '../../src/gateway/configuration.js';
import { Discoveries } from '../../src/gateway/discoveries.js';
import { Inspection } from '../../src/gateway/inspection.js';
import { directTexts, type TextDesk } from '../../src/gateway/text-desk.js';
import type { Store } from '../../src/store/index.js';
import { VirtualClock } from '../../simulators/virtual-time/index.js';

const TEXT = 'site: {name: s, timezone: UTC}\npoints:\n  P: {type: number}\n';
const document: ConfigurationDocument = { revision: 'r', number: 1, points: '', origin: { how: 'edit', node: 'A', user: 'u', timeMs: 1, comment: '' }, text: TEXT };

/** Answers later, as a thread does. */
function desk(): { texts: TextDesk; asked: string[] } {
  const asked: string[] = [];
  const later = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    asked.push(what);
    await new Promise((resolve) => setImmediate(resolve));
    return work();
  };
  const texts: TextDesk = {
    ...directTexts,
    compare: async (...given) => later('compare', async () => directTexts.compare(...given)),
    addBlocks: async (...given) => later('addBlocks', async () => directTexts.addBlocks(...given)),
    digests: async (...given) => later('digests', async () => directTexts.digests(...given)),
  };
  return { texts, asked };
}

describe('texts of site documents are read where it blocks nobody', () => {
  const site = { points: [], devices: [], trends: [], lines: [], redundancy: {} } as unknown as SiteConfig;

  it('by a verification: digests of the sections, and the definitions that differ', async () => {
    const { texts, asked } = desk();
    const store = { durableSeq: 1, writeMark: async (_: string, token: string) => Promise.resolve(void (marked = token)), readMark: async () => Promise.resolve(marked) } as unknown as Store;
    let marked = '';
    const configuration = { current: () => document, candidate: () => undefined } as unknown as Configuration;
    const inspection = new Inspection({ node: { id: 'A', data: '/data', console: { host: '127.0.0.1', port: 1 }, link: { host: '127.0.0.1', port: 2 }, lines: [] } as unknown as NodeConfig, site: () => site, configuration, texts, modules: [], field: () => ({ devices: () => [] }) as unknown as Field, store, timers: new VirtualClock() });
    const { sections } = await inspection.inventory();
    assert.deepEqual(sections, await directTexts.digests(TEXT));
    assert.deepEqual(Object.keys(sections), ['site', 'points']);
    assert.deepEqual(await inspection.differences(TEXT, TEXT.replace('number', 'text')), ['points.P changed']);
    assert.deepEqual(asked, ['digests', 'compare']);
  });

  it('by a discovery: what was found goes into the document', async () => {
    const { texts, asked } = desk();
    const found = { id: '7', address: 'a', name: 'n', objects: 0, problems: [], detail: {} };
    const discovery = { shape: {}, discover: () => undefined, blocks: () => 'points:\n  New: {type: number}\n', exchange: { format: 'x', import: async () => Promise.resolve([found]) } };
    const modules = [{ kind: 'fake', discovery }] as unknown as DriverModule[];
    const discoveries = new Discoveries({ site: () => site, modules, field: undefined as unknown as Field, texts, clock: new VirtualClock(), activities: { run: async (_, work) => work(() => undefined) }, log: silentLog });
    const { id } = await discoveries.import({ driver: 'fake', files: [], options: {} });
    assert.equal(await discoveries.document(id, TEXT), `${TEXT}  New: {type: number}\n`);
    assert.equal(await discoveries.document('other', TEXT), undefined);
    assert.deepEqual(asked, ['addBlocks']);
  });
});
