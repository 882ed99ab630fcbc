import { readFileSync } from 'node:fs';
import { drivers } from '../../drivers/index.js';
import { loadNode, loadSite } from '../config/index.js';
import { TandemError, type NodeConfig } from '../contract/index.js';
import { LEAF_DAYS, SiteAuthority } from '../platform/site-authority.js';
import { realClock } from '../platform/time.js';
import { parse, report, type Command } from './command.js';

/** What this machine itself calls it. */
const LOCAL = ['localhost', '127.0.0.1', '::1'];

export const certificates: Command = {
  name: 'certificates',
  usage: [['certificates --site FILE --out FOLDER NODE-FILE... [--name NAME]... [--days N]', 'certificates for https from an authority of the site']],
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: { site: { type: 'string' }, out: { type: 'string' }, name: { type: 'string', multiple: true, default: [] }, days: { type: 'string', default: String(LEAF_DAYS) } } });
    const { site: siteFile, out } = values;
    const days = Number(values.days);
    if (siteFile === undefined || out === undefined || positionals.length === 0) throw new TandemError('USAGE', 'tandem certificates --site FILE --out FOLDER NODE-FILE...: all nodes of the site at once, because each certificate names all of them');
    if (!Number.isInteger(days) || days < 1 || days > LEAF_DAYS) throw new TandemError('USAGE', `--days is a number up to ${LEAF_DAYS}: more, some browsers do not believe`);
    const { site } = loadSite({ path: siteFile, text: readFileSync(siteFile, 'utf8') }, drivers);
    if (site === undefined) throw new TandemError('CONFIG_FILE', `${siteFile} cannot be used: tandem check tells why`);
    const nodes = positionals.map(nodeOf);
    const names = [...new Set([...nodes.flatMap(namesOf), ...(site.virtualAddress === undefined ? [] : [site.virtualAddress.address]), ...values.name, ...LOCAL])];
    const authority = await SiteAuthority.open(out, site.name);
    if (authority.isNew) console.log(`made the root of the site: ${authority.rootFile}\nimport it once in each browser, and keep ${out}/root.key away from the nodes`);
    console.log(`root sha256 ${authority.fingerprint}`);
    for (const { id } of nodes) console.log(`${await authority.issue(id, names, days)}: for ${names.join(', ')}, ${days} days`);
    return 0;
  },
};

function nodeOf(file: string): NodeConfig {
  const { node, problems } = loadNode({ path: file, text: readFileSync(file, 'utf8') }, realClock.wallMs());
  if (node !== undefined) return node.config;
  report(problems);
  throw new TandemError('CONFIG_FILE', `${file} is not a node document that can be used`);
}

function namesOf({ url, console: { host }, link }: NodeConfig): string[] {
  const isOwn = (address: string): boolean => address !== '0.0.0.0' && address !== '::';
  return [new URL(url).hostname.replace(/^\[|\]$/g, ''), host, link.host].filter(isOwn);
}
