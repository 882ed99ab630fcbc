/** EDE files as the exchange format of discoveries: in and out of what was found, out of a site. */
import { TandemError, type DiscoveredDevice, type DiscoveryExchange, type ExchangeFile } from '../../src/contract/index.js';
import type { KnownDevice } from './discover.js';
import { discovered } from './discovered.js';
import { devicesOfSite } from './ede-of-site.js';
import { exportEde, importEde } from './ede.js';

const AUTHOR = 'tandem';

export const edeExchange: DiscoveryExchange = {
  format: 'ede',
  write: {
    export: (found, project, timeMs) => filesOf(found.map(({ detail }) => detail as KnownDevice), project, timeMs),
    exportSite: (devices, project, timeMs) => {
      const known = devicesOfSite(devices);
      return known.length === 0 ? [] : filesOf(known, project, timeMs);
    },
  },
  import: async (files) => importFiles(files),
};

function filesOf(devices: readonly KnownDevice[], project: string, timeMs: number): ExchangeFile[] {
  const { ede, stateTexts } = exportEde(devices, project, AUTHOR, timeMs);
  const name = project.replaceAll(/[^\p{L}\p{N}_-]+/gu, '_');
  return [{ name: `${name}_EDE.csv`, text: ede }, { name: `${name}_StateTexts.csv`, text: stateTexts }];
}

/** The file of objects is told by its line of column names; the other one has the state texts. */
function importFiles(files: readonly ExchangeFile[]): DiscoveredDevice[] {
  const isObjects = ({ text }: ExchangeFile): boolean => /^#?\s*"?keyname/im.test(text);
  const [objects, ...more] = files.filter(isObjects);
  if (objects === undefined || more.length > 0) throw new TandemError('CONFIG_SYNTAX', objects === undefined ? 'none of the files is an EDE file: the line of column names that begins with "# keyname" is missing' : 'give one EDE file at a time, with its state texts');
  const texts = files.find((file) => file !== objects);
  return importEde({ ede: objects.text, stateTexts: texts?.text ?? '' }).map(discovered);
}
