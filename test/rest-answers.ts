import { routeDocs } from '../src/clients/api-docs/open-api.js';
import type { RouteDoc } from '../src/clients/api-docs/route-doc.js';

const patterns = Object.entries(routeDocs)
  // What is named comes before what is a parameter: `/alarms/journal` before `/alarms/:name`.
  .sort(([a], [b]) => a.split(':').length - b.split(':').length)
  .map(([route, doc]) => {
    const [method = '', url = ''] = route.split(' ');
    return { method, doc, route, path: new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`) };
  });

/** Routes of which an answer was seen. */
export const answered = new Set<string>();

/** Holds an answer of a node against the OpenAPI document. @throws what does not fit */
export async function checkAnswer(method: string, url: string, response: Response): Promise<void> {
  if (!response.ok) return;
  const found = routeAt(method, new URL(url).pathname);
  if (found === undefined) return;
  const told = await problemOf(found.doc, response.clone());
  if (told !== undefined) throw new Error(`${found.route} does not answer as /api/docs says: ${told}`);
  answered.add(found.route);
}

function routeAt(method: string, pathname: string): (typeof patterns)[number] | undefined {
  return patterns.find((pattern) => pattern.method === method && pattern.path.test(pathname));
}

/** Query parameters that a node would refuse to know (CLIENT_PARAMETER), for doubles of nodes. */
export function unknownParameters(method: string, { pathname, searchParams }: URL): string[] {
  const found = routeAt(method, pathname);
  return found === undefined ? [] : [...searchParams.keys()].filter((name) => !Object.keys(found.doc.query?.shape ?? {}).includes(name));
}

async function problemOf(doc: RouteDoc, response: Response): Promise<string | undefined> {
  const { answer, alsoAs = [], status = answer === undefined && alsoAs.length === 0 ? 204 : 200 } = doc;
  if (response.status !== status) return `status ${response.status}, not ${status}`;
  const type = response.headers.get('content-type') ?? '';
  if (alsoAs.some((other) => type.startsWith(other))) return undefined;
  if (answer === undefined) return status === 204 ? undefined : `type ${type}`;
  const parsed = answer.safeParse(await response.json());
  return parsed.error?.message;
}

/** Every test that asks a node over REST holds its answers against the document. */
export function watchFetch(): void {
  const plain = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await plain(input, init);
    const url = input instanceof Request ? input.url : String(input);
    await checkAnswer((input instanceof Request ? input.method : init?.method) ?? 'GET', url, response);
    return response;
  };
}
