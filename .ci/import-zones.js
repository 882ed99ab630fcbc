// Which folder may import which (docs/architecture.md has the table and the reasons). A zone says:
// files in `target` must not import from `from`, `except` these. The test
// test/contract/import-rule.test.ts plants a violation for each row.
const inside = ['contract', 'config', 'image', 'field', 'functions', 'redundancy', 'store', 'clients', 'client-sdk', 'console', 'platform'];
const mayImport = {
  contract: [],
  config: ['contract'],
  image: ['contract'],
  store: ['contract', 'image'],
  redundancy: ['contract', 'image'],
  platform: ['contract'],
  field: ['contract', 'image'],
  functions: ['contract', 'image'],
  clients: ['contract', 'image'],
  'client-sdk': ['contract'],
  console: ['contract', 'client-sdk'],
};

const zone = (target, from, except, message) => ({ target, from, except, message });

export const importZones = [
  ...inside.map((folder) =>
    zone(`./src/${folder}`, './src', [folder, ...mayImport[folder]].map((name) => `./${name}`), `src/${folder} may import only: ${[folder, ...mayImport[folder]].join(', ')}`)),
  ...[...inside, 'gateway', 'gateway.ts'].map((name) => zone(`./src/${name}`, './drivers', [], 'only the command line names drivers; everybody else is given them')),
  zone('./src/!(cli)/**', './simulators', [], 'only the command line starts simulators (tandem simulate)'),
  zone('./src', './test', [], 'nothing imports a test'),
  zone('./drivers', './src', ['./contract'], 'a driver sees src/contract only'),
  zone('./drivers', './simulators', [], 'a driver knows no simulator'),
  zone('./drivers/modbus', './drivers', ['./modbus'], 'a driver knows no sibling'),
  zone('./drivers/bacnet', './drivers', ['./bacnet'], 'a driver knows no sibling'),
  zone('./simulators/!(demo)/**', './src', ['./contract'], 'a simulator sees src/contract only'),
  zone('./simulators/!(demo)/**', './drivers', [], 'a simulator knows no driver'),
];
