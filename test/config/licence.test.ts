import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../../src/contract/index.js';
import { allows, formatProblem, licenceRefusal, loadNode, loadSite, readLicence, signLicence } from '../../src/config/index.js';
import { drivers } from '../../drivers/index.js';
import { siteForLoad } from '../../simulators/load/site-for-load.js';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const shown = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const content = (over: object = {}): string => JSON.stringify({ format: 'tandem-licence/1', licensee: 'Stadtwerke', issued: '2026-01-01', modules: [{ name: 'driver/modbus-tcp' }, { name: 'function/*', version: '0' }], ...over });

describe('licence', () => {
  it('knows the version of the build', () => {
    assert.equal(VERSION, (JSON.parse(readFileSync(fileURLToPath(new URL('../../../package.json', import.meta.url)), 'utf8')) as { version: string }).version);
  });

  it('is read back as it was signed, with the key as PEM or as its base64 alone', () => {
    const file = signLicence(content(), secret);
    assert.equal(readLicence(file, shown).licensee, 'Stadtwerke');
    assert.equal(readLicence(file, shown.split('\n')[1] ?? '').licensee, 'Stadtwerke');
  });

  it('is refused when anything in it was changed, or another key signed it', () => {
    const file = JSON.parse(signLicence(content(), secret)) as { licence: string; signature: string };
    const changed = Buffer.from(Buffer.from(file.licence, 'base64').toString('utf8').replace('modbus-tcp', 'modbus-rtu')).toString('base64');
    assert.throws(() => readLicence(JSON.stringify({ ...file, licence: changed }), shown), { code: 'LICENCE_INVALID' });
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
    assert.throws(() => readLicence(JSON.stringify(file), other), { code: 'LICENCE_INVALID', message: /signature/ });
    for (const bad of ['', '{}', 'nonsense', JSON.stringify({ ...file, more: 1 })]) assert.throws(() => readLicence(bad, shown), { code: 'LICENCE_INVALID' });
    assert.throws(() => readLicence(JSON.stringify(file), 'no key'), { code: 'LICENCE_INVALID' });
    assert.throws(() => signLicence(content({ modules: [] }), secret), { code: 'LICENCE_INVALID' });
  });

  it('names modules with wildcards and beginnings of versions', () => {
    const licence = readLicence(signLicence(content(), secret), shown);
    const may = (name: string, version: string): boolean => allows(licence, { name, version });
    assert.deepEqual([may('driver/modbus-tcp', '9.1'), may('driver/modbus-rtu', '1.0'), may('function/alarms', '0.1.0'), may('function/alarms', '1.0.0'), may('function/alarms', '01')], [true, false, true, false, false]);
  });

  it('ends, and may be for certain nodes', () => {
    const licence = readLicence(signLicence(content({ expires: '2026-06-30', nodes: ['A', 'B'] }), secret), shown);
    assert.equal(licenceRefusal(licence, 'A', '2026-06-30'), undefined);
    assert.equal(licenceRefusal(licence, 'A', '2026-07-01'), 'it ended on 2026-06-30');
    assert.equal(licenceRefusal(licence, 'C', '2026-06-30'), 'it is for A, B, this node is C');
  });

  describe('in a node document', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-licence-'));
    after(() => rmSync(folder, { recursive: true }));
    const node = (licence: string, nowMs = Date.UTC(2026, 0, 2, 23)): ReturnType<typeof loadNode> =>
      loadNode({ path: join(folder, 'node.yaml'), text: `node: {id: A, mode: independent, data: d, listen: {console: "127.0.0.1:8080"}}\nlicence: {file: licence.json, publicKey: "${shown.split('\n')[1] ?? ''}"}\n${licence}` }, nowMs);
    const site = { path: 'site.yaml', text: siteForLoad(3, '127.0.0.1', 5020) };

    it('limits what the site may use, named module by module where it is written', () => {
      writeFileSync(join(folder, 'licence.json'), signLicence(content({ modules: [{ name: 'driver/bacnet' }] }), secret));
      const { node: document, problems } = node('');
      assert.deepEqual(problems, []);
      const found = loadSite(site, drivers, document).problems.map(formatProblem).filter((text) => text.includes('LICENCE_MODULE'));
      assert.ok(found.length > 0);
      assert.match(found[0] ?? '', /^site\.yaml:\d+:\d+ error LICENCE_MODULE devices\..*: the licence of Stadtwerke does not cover driver\/modbus-tcp \S+ on node A$/);
      writeFileSync(join(folder, 'licence.json'), signLicence(content({ modules: [{ name: 'driver/*' }, { name: 'function/*' }] }), secret));
      assert.deepEqual(loadSite(site, drivers, node('').node).problems, []);
    });

    it('that cannot be used keeps the node from starting', () => {
      writeFileSync(join(folder, 'licence.json'), signLicence(content({ expires: '2026-01-02' }), secret));
      assert.deepEqual(node('').problems, [], 'its last day');
      assert.match(node('', Date.UTC(2026, 0, 3)).problems.map(formatProblem).join(), /2:\d+ error LICENCE_INVALID licence\.file: it ended on 2026-01-02/);
      writeFileSync(join(folder, 'licence.json'), '{}');
      assert.match(node('').problems.map(formatProblem).join(), /LICENCE_INVALID/);
      rmSync(join(folder, 'licence.json'));
      assert.match(node('').problems.map(formatProblem).join(), /LICENCE_INVALID licence\.file: cannot be read/);
    });
  });
});
