import { devicesOfSite } from '../../drivers/bacnet/ede-of-site.js';
import { importEde } from '../../drivers/bacnet/ede.js';
import { siteBlocks } from '../../drivers/bacnet/site-blocks.js';
import { drivers } from '../../drivers/index.js';
import { checkFiles } from '../config/index.js';
import { TandemError } from '../contract/index.js';
import { realClock } from '../platform/time.js';
import { parse, report, type Command } from './command.js';
import { readEde, writeEde } from './ede-files.js';

export const importEdeCommand: Command = {
  name: 'ede',
  usage: [['import ede FILE [--state-texts FILE] [--line NAME] [--site FILE]', 'BACnet objects of an EDE file as blocks of a site document']],
  run(args) {
    const { values, positionals: [file, ...more] } = parse({ args: [...args], allowPositionals: true, options: { 'state-texts': { type: 'string' }, line: { type: 'string', default: 'bacnet' }, site: { type: 'string' } } });
    if (file === undefined || more.length > 0) throw new TandemError('USAGE', 'tandem import ede needs one EDE file');
    const site = values.site === undefined ? undefined : siteIn(values.site);
    const taken = [...(site?.devices ?? []), ...(site?.points ?? [])].map(({ name }) => name);
    console.log(siteBlocks(importEde(readEde(file, values['state-texts'])), values.line, taken));
    return 0;
  },
};

export const exportEdeCommand: Command = {
  name: 'ede',
  usage: [['export ede --site FILE --out FILE', "the BACnet points of a site as an EDE file, with its state texts beside it"]],
  run(args) {
    const { values } = parse({ args: [...args], options: { site: { type: 'string' }, out: { type: 'string' } } });
    if (values.site === undefined || values.out === undefined) throw new TandemError('USAGE', 'tandem export ede needs --site FILE and --out FILE');
    const site = siteIn(values.site);
    const devices = devicesOfSite(site.devices);
    if (devices.length === 0) throw new TandemError('CONFIG_REFERENCE', `${values.site} has no BACnet devices`);
    writeEde(values.out, devices, site.name);
    return 0;
  },
};

function siteIn(file: string): NonNullable<ReturnType<typeof checkFiles>['sites'][number]> {
  const { problems, sites: [site] } = checkFiles([file], drivers, realClock.wallMs());
  if (report(problems) || site === undefined) throw new TandemError('CONFIG_INVALID', `${file} is no site document without errors`);
  return site;
}
