import type { Problem } from '../contract/index.js';
import type { NodeDocument } from './node-document.js';
import { ProblemList } from './problem-list.js';

/** Checks the documents of the nodes against each other, which none of them can do by itself before they meet. */
export function checkPairing(nodes: readonly NodeDocument[]): Problem[] {
  const pair = nodes.filter(({ config }) => config.mode !== 'reader');
  return [...checkPair(pair), ...nodes.filter(({ config }) => config.mode === 'reader').flatMap((reader) => checkReader(reader, pair))];
}

/** A node that only reads calls the two of the pair. */
function checkReader({ config, source }: NodeDocument, pair: readonly NodeDocument[]): Problem[] {
  const list = new ProblemList();
  if (pair.some((node) => node.config.id === config.id)) list.at(source).error('CONFIG_CLASH', `another node is called \`${config.id}\``, ['node', 'id']);
  for (const [index, partner] of [config.partner, config.otherPartner].entries()) {
    if (partner === undefined || pair.length < 2) continue;
    const node = pair.find((each) => each.config.id === partner.symbol);
    const here = list.at(source, ['partners', index]);
    if (node === undefined) here.error('CONFIG_REFERENCE', `no node of the pair is called \`${partner.symbol}\``, ['symbol']);
    else if (node.config.link.port !== partner.port) here.error('CONFIG_REFERENCE', `the link of ${partner.symbol} listens on port ${node.config.link.port}`, ['port']);
  }
  return list.take();
}

function checkPair(nodes: readonly NodeDocument[]): Problem[] {
  const list = new ProblemList();
  const [first, second, ...more] = nodes;
  if (first === undefined || second === undefined || more.length > 0) return [];
  if (first.config.mode === 'independent' || second.config.mode === 'independent') return [];
  const problems = list.at(second.source);
  if (first.config.mode === second.config.mode) {
    problems.error('CONFIG_CLASH', `both nodes are ${second.config.mode}: a pair is one main and one backup`, ['node', 'mode']);
  }
  if (first.config.id === second.config.id) {
    problems.error('CONFIG_CLASH', `both nodes are called \`${second.config.id}\``, ['node', 'id']);
    return list.take();
  }
  for (const [own, other] of [[first, second], [second, first]] as const) {
    const { partner } = own.config;
    if (partner === undefined) continue;
    const here = list.at(own.source, ['partners', 0]);
    const { id, link } = other.config;
    if (partner.symbol !== id) here.error('CONFIG_REFERENCE', `the other node is called \`${id}\``, ['symbol']);
    if (partner.port !== link.port) here.error('CONFIG_REFERENCE', `the link of ${id} listens on port ${link.port}`, ['port']);
  }
  return list.take([first.source.file, second.source.file]);
}
