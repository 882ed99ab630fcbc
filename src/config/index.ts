export { checkFiles, configOf, loadFiles, loadPair, type CheckedFiles, type LoadedFiles, type LoadedPair } from './check-files.js';
export { formatProblem } from './format-problem.js';
export { loadNode, type LoadedNode } from './load-node.js';
export { loadSite, type LoadedSite, type SourceFile } from './load-site.js';
export type { NodeDocument, Plug } from './node-document.js';
export { allows, licenceRefusal, readLicence, signLicence, type Licence, type ModuleEntry } from './licence.js';
export { installedModules } from './modules.js';
export { compareDocuments, infoOf, sectionsOf } from './compare-documents.js';
export { definitionIn, editDefinition } from './edit-document.js';
