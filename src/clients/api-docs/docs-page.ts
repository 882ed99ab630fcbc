import { VERSION } from '../../contract/index.js';
import type { JsonSchema } from './json-schema.js';
import { schemaText } from './schema-text.js';

interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: JsonSchema }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>> }>>;
}

interface Document {
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

const STYLE = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}body{max-width:62rem;margin:0 auto;padding:1rem}
code,pre{font:13px/1.5 ui-monospace,monospace}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0;padding:.5rem .7rem;border-radius:4px;background:color-mix(in srgb,currentColor 7%,transparent)}
details{border-top:1px solid color-mix(in srgb,currentColor 18%,transparent);padding:.3rem 0}summary{cursor:pointer}summary b{display:inline-block;min-width:4.2rem}
h2{margin:1.6rem 0 .4rem;text-transform:capitalize}table{border-collapse:collapse}td{padding:.1rem 1.2rem .1rem 0;vertical-align:top}small{opacity:.8}nav a{margin-right:.8rem}`;

/** The OpenAPI document as a page without scripts: it works offline, and under the console's content policy. */
export function docsPage(openApi: JsonSchema): string {
  const { info, paths, components } = openApi as unknown as Document;
  const groups = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0] ?? '';
      groups.set(tag, [...(groups.get(tag) ?? []), operationHtml(method, path, operation)]);
    }
  }
  const schemas = Object.entries(components.schemas).map(([name, schema]) => `<details id="schema-${escape(name)}"><summary><code>${escape(name)}</code></summary><pre>${escape(schemaText(schema))}</pre></details>`);
  const nav = [...groups.keys(), 'schemas'].map((tag) => `<a href="#${tag}">${tag}</a>`).join('');
  const sections = [...groups, ['schemas', schemas] as const].map(([tag, entries]) => `<h2 id="${tag}">${tag}</h2>${entries.join('')}`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tandem REST interface</title><style>${STYLE}</style></head><body><main><h1>Tandem REST interface <small>${VERSION}</small></h1><p>${escape(info.description)}</p><p><a href="docs/openapi.json">OpenAPI 3.1</a> · <a href="docs/asyncapi.json">AsyncAPI 3.0 of the WebSocket</a></p><nav aria-label="Groups">${nav}</nav>${sections.join('')}</main></body></html>`;
}

function operationHtml(method: string, path: string, { summary, description, parameters, requestBody, responses }: Operation): string {
  const rows = parameters.map(({ name, in: where, required, schema }) => `<tr><td><code>${escape(name)}</code>${required ? '' : '?'}</td><td>${escape(where)}</td><td><code>${escape(schemaText(schema))}</code></td></tr>`);
  const bodies = requestBody === undefined ? [] : [`<p>Body${requestBody.required ? '' : ', may be left out'}</p>`, ...Object.values(requestBody.content).map(({ schema }) => `<pre>${escape(schemaText(schema))}</pre>`)];
  const answers = Object.entries(responses)
    .filter(([code]) => code.startsWith('2'))
    .flatMap(([code, { content = {} }]) => [`<p>Answer ${code}${Object.keys(content).length > 1 ? `, as ${Object.keys(content).map(escape).join(' or ')}` : ''}</p>`, ...Object.entries(content).map(([type, { schema }]) => (type === 'application/json' ? `<pre>${escape(schemaText(schema))}</pre>` : `<p><small>${escape(type)}</small></p>`))]);
  return `<details><summary><b>${method.toUpperCase()}</b> <code>${escape(path)}</code> ${escape(summary)}</summary><p><small>${escape(description)}</small></p>${rows.length === 0 ? '' : `<table><tbody>${rows.join('')}</tbody></table>`}${bodies.join('')}${answers.join('')}</details>`;
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
