import { Store } from './store.js';

export const pageNames = ['overview', 'graphics', 'points', 'alarms', 'redundancy', 'devices', 'schedules', 'trends', 'logic', 'configuration', 'users', 'audit'] as const;
export type PageName = (typeof pageNames)[number];

/** `#/points?device=plc-ahu`: a link that can be sent, without a server that knows the pages. */
export interface Route {
  readonly page: PageName;
  readonly query: Readonly<Record<string, string>>;
}

export class Router extends Store<Route> {
  constructor() {
    super(parse(window.location.hash));
    window.addEventListener('hashchange', () => this.set(parse(window.location.hash)));
  }

  go(page: PageName, query: Readonly<Record<string, string>> = {}): void {
    window.location.hash = hrefOf(page, query);
  }
}

export function hrefOf(page: PageName, query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `#/${page}${search === '' ? '' : `?${search}`}`;
}

function parse(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  return { page: pageNames.find((name) => name === path) ?? 'overview', query: Object.fromEntries(new URLSearchParams(search)) };
}
