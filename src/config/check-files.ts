import { readFileSync } from 'node:fs';
import { messageOf, type DriverModule, type NodeConfig, type Problem, type SiteConfig } from '../contract/index.js';
import { loadNode, type LoadedNode } from './load-node.js';
import { loadSite, type LoadedSite, type SourceFile } from './load-site.js';
import { entitledModules } from './modules.js';
import type { NodeDocument } from './node-document.js';
import { checkPairing } from './pairing.js';
import { ProblemList } from './problem-list.js';
import { isRecord } from './schema-check.js';
import { SourceDocument } from './source-document.js';

export interface LoadedPair {
  /** Both absent where there is any error. */
  readonly site?: SiteConfig;
  readonly node?: NodeConfig;
  readonly problems: readonly Problem[];
}

/** A site file beside the node that is to run it, each told apart: a node that holds the pair's configuration can do without the file. */
export interface LoadedFiles {
  readonly site: LoadedSite;
  readonly node: LoadedNode;
  /** Absent where it cannot be read. */
  readonly siteFile?: SourceFile;
  readonly nodeFile?: SourceFile;
}

/** Reads what `tandem run` needs: the site as this machine runs it. */
export function loadPair(sitePath: string, nodePath: string, modules: readonly DriverModule[], nowMs: number): LoadedPair {
  const { site: { site, problems }, node: { node, problems: more } } = loadFiles(sitePath, nodePath, modules, nowMs);
  const all = [...problems, ...more];
  return node === undefined || site === undefined ? { problems: all } : { site, node: configOf(node, modules), problems: all };
}

export function loadFiles(sitePath: string, nodePath: string, modules: readonly DriverModule[], nowMs: number): LoadedFiles {
  const [siteUnread, nodeUnread]: [Problem[], Problem[]] = [[], []];
  const [siteFile, nodeFile] = [readSource(sitePath, siteUnread), readSource(nodePath, nodeUnread)];
  const node = nodeFile === undefined ? { problems: nodeUnread } : loadNode(nodeFile, nowMs);
  const site = siteFile === undefined ? { problems: siteUnread } : loadSite(siteFile, modules, node.node);
  return { site, node, ...(siteFile === undefined ? {} : { siteFile }), ...(nodeFile === undefined ? {} : { nodeFile }) };
}

/** The node with what it is entitled to run. */
export function configOf({ config, licence }: NodeDocument, modules: readonly DriverModule[]): NodeConfig {
  return { ...config, modules: entitledModules(modules, licence).map(({ name, version }) => `${name}@${version}`) };
}

export interface CheckedFiles {
  readonly problems: readonly Problem[];
  /** What the readable files were taken for, in the order given. */
  readonly documents: readonly { readonly path: string; readonly kind: 'site' | 'node' }[];
  readonly sites: readonly SiteConfig[];
  readonly nodes: readonly NodeConfig[];
}

/**
 * `tandem check FILE…`: site and node documents in any order. Nodes are checked against the site that is
 * given with them, and two nodes against each other.
 */
export function checkFiles(paths: readonly string[], modules: readonly DriverModule[], nowMs: number): CheckedFiles {
  const problems: Problem[] = [];
  const files = paths.map((path) => readSource(path, problems)).filter((file) => file !== undefined);
  const kinds = files.map((file) => ({ file, kind: kindOf(file, problems) }));
  const nodes = kinds.filter(({ kind }) => kind === 'node').map(({ file }) => loadNode(file, nowMs));
  const usable = nodes.map(({ node }) => node).filter((node) => node !== undefined);
  const siteFiles = kinds.filter(({ kind }) => kind === 'site').map(({ file }) => file);
  const sites = siteFiles.map((file) => loadSite(file, modules));

  problems.push(...sites.flatMap((site) => site.problems), ...nodes.flatMap((node) => node.problems));
  const [siteFile, ...moreSites] = siteFiles;
  if (siteFile !== undefined && moreSites.length === 0) problems.push(...problemsOnNodes(siteFile, usable, modules, problems));
  problems.push(...checkPairing(usable));
  return {
    problems,
    documents: kinds.flatMap(({ file, kind }) => (kind === undefined ? [] : [{ path: file.path, kind }])),
    sites: sites.map(({ site }) => site).filter((site) => site !== undefined),
    nodes: usable.map(({ config }) => config),
  };
}

/** What is wrong only where the site meets a node, with the node named. */
function problemsOnNodes(file: SourceFile, nodes: readonly NodeDocument[], modules: readonly DriverModule[], known: readonly Problem[]): Problem[] {
  const seen = new Set(known.map((problem) => JSON.stringify(problem)));
  return nodes.flatMap((node) =>
    loadSite(file, modules, node)
      .problems.filter((problem) => !seen.has(JSON.stringify(problem)))
      .map((problem) => (problem.file === file.path ? { ...problem, message: `${problem.message} (on node ${node.config.id})` } : problem)),
  );
}

/** A site document has `site:` at its top, a node document `node:`. */
function kindOf(file: SourceFile, problems: Problem[]): 'site' | 'node' | undefined {
  // Large sites take seconds to parse: where the key is plain to see, that is left to the one who needs it.
  const plain = /^site(?=\s*:)/m.exec(file.text) ?? /^node(?=\s*:)/m.exec(file.text);
  if (plain !== null) return plain[0] === 'site' ? 'site' : 'node';
  const document = new SourceDocument(file.path, file.text);
  if (isRecord(document.value)) {
    if ('site' in document.value) return 'site';
    if ('node' in document.value) return 'node';
  }
  const list = new ProblemList();
  list.addText(document);
  if (document.value !== undefined) list.at(document).error('CONFIG_FILE', 'neither a site document (`site:` at its top) nor a node document (`node:`)');
  problems.push(...list.take());
  return undefined;
}

function readSource(path: string, problems: Problem[]): SourceFile | undefined {
  try {
    return { path, text: readFileSync(path, 'utf8').replace(/^\uFEFF/, '') };
  } catch (error) {
    problems.push({ code: 'CONFIG_FILE', message: `cannot be read: ${messageOf(error)}`, file: path, line: 1, column: 1, path: '', severity: 'error' });
    return undefined;
  }
}
