import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** One forbidden import for each row of the table in docs/architecture.md, planted in a file of that folder. */
const violations: readonly (readonly [file: string, imported: string])[] = [
  ['src/contract/point.ts', '../image/index.js'],
  ['src/config/index.ts', '../image/index.js'],
  ['src/image/image.ts', '../store/index.js'],
  ['src/store/store.ts', '../redundancy/index.js'],
  ['src/redundancy/lease.ts', '../store/index.js'],
  ['src/platform/time.ts', '../image/index.js'],
  ['src/field/field.ts', '../redundancy/index.js'],
  ['src/functions/trend.ts', '../field/index.js'],
  ['src/clients/client-server.ts', '../store/index.js'],
  ['src/client-sdk/index.ts', '../image/index.js'],
  ['src/gateway.ts', '../drivers/modbus/index.js'],
  ['src/clients/client-server.ts', '../../simulators/building/field.js'],
  ['src/image/image.ts', '../../test/hooks.js'],
  ['drivers/modbus/index.ts', '../bacnet/index.js'],
  ['drivers/bacnet/index.ts', '../modbus/index.js'],
  ['drivers/modbus/index.ts', '../../src/image/index.js'],
  ['drivers/modbus/index.ts', '../../simulators/modbus-plc/index.js'],
  ['simulators/building/field.ts', '../../src/image/index.js'],
  ['simulators/modbus-plc/index.ts', '../../drivers/modbus/index.js'],
];

describe('the import rule', function () {
  this.timeout(120_000);
  // With CI set, typescript-eslint takes the run for a single one over the files as they are on disk, and would not
  // look at what is planted.
  process.env.TSESTREE_SINGLE_RUN = 'false';
  const eslint = new ESLint({ cwd: root });

  const findings = async (file: string, imported: string): Promise<string[]> => {
    const [result] = await eslint.lintText(`import * as planted from '${imported}';\nexport const used = planted;\n`, { filePath: `${root}/${file}` });
    return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
  };

  for (const [file, imported] of violations) {
    it(`sees ${imported} in ${file}`, async () => {
      assert.ok((await findings(file, imported)).includes('import-x/no-restricted-paths'));
    });
  }

  it('keeps sockets and serial ports in src/platform', async () => {
    for (const [file, imported, isFound] of [['drivers/modbus/index.ts', 'serialport', true], ['src/field/field.ts', 'node:net', true], ['src/platform/serial.ts', 'serialport', false]] as const) {
      assert.equal((await findings(file, imported)).includes('no-restricted-imports'), isFound, `${imported} in ${file}`);
    }
  });

  it('lets the permitted through', async () => {
    for (const [file, imported] of [['src/field/field.ts', '../image/index.js'], ['drivers/modbus/index.ts', '../../src/contract/index.js'], ['src/gateway.ts', './redundancy/index.js']] as const) {
      assert.ok(!(await findings(file, imported)).includes('import-x/no-restricted-paths'), `${imported} in ${file}`);
    }
  });

  it('keeps clocks and sockets out of deciding code', async () => {
    const lint = async (text: string): Promise<string[]> => {
      const [result] = await eslint.lintText(text, { filePath: `${root}/src/redundancy/lease.ts` });
      return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
    };
    assert.ok((await lint('export const now = Date.now();\n')).includes('no-restricted-properties'));
    assert.ok((await lint('export const timer = setTimeout(() => undefined, 5);\n')).includes('no-restricted-globals'));
    assert.ok((await lint("import { connect } from 'node:net';\nexport const made = connect;\n")).includes('no-restricted-imports'));
  });
});
