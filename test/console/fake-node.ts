import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { CLIENT_PROTOCOL, CloseCode, type ClientMessage, type Epoch, type ServerMessage, type SettingInForce, type WireAlarm, type WirePosition, type WireRow } from '../../src/contract/index.js';
import { unknownParameters } from '../rest-answers.js';
import { FakeDesk } from './fake-desk.js';
import type { FakePlant } from './fake-plant.js';
import { statusOf, type PairFacts } from './fake-status.js';

export const TOKEN = 'letmewrite';
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** What a request that changes something does, and its answer; 202 where none is named. */
export type Act = (node: string, path: string, body: Readonly<Record<string, unknown>>) => { readonly status?: number; readonly body: unknown };

/** One node as the console sees it: the built pages, the REST answers and the WebSocket, without a field. */
export class FakeNode {
  readonly desk: FakeDesk;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  /** Credentials that were refused: until then it takes anybody for somebody, as a node does whose session ends meanwhile. */
  readonly #refused = new Set<string>();
  /** Open sockets with their subscription, where they have one. */
  readonly #clients = new Map<WebSocket, string | undefined>();

  constructor(
    readonly id: string,
    private readonly pair: PairFacts,
    private readonly plant: FakePlant,
    private readonly pairAct: Act,
    private readonly onChange: (rows: readonly WireRow[], alarms: readonly WireAlarm[]) => void,
  ) {
    this.desk = new FakeDesk(id);
    this.#http = createServer((request, response) => this.#serve(request, response));
    this.#http.on('upgrade', (request, socket, head) => this.#sockets.handleUpgrade(request, socket, head, (client) => this.#accept(client)));
  }

  get active(): boolean {
    return this.pair.active === this.id;
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${String((this.#http.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    for (const client of this.#clients.keys()) client.terminate();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  /** To every subscriber. */
  publish(values: readonly WireRow[], alarms: readonly WireAlarm[]): void {
    for (const [client, id] of this.#clients) {
      if (id !== undefined) tell(client, { type: 'changes', id, epoch: this.#epoch(), seq: this.plant.seq, values, alarms });
    }
  }

  beat(): void {
    for (const client of this.#clients.keys()) tell(client, { type: 'heartbeat', role: this.#role(), epoch: this.#epoch(), seq: this.plant.seq });
  }

  /** After control has moved: subscribers of the old active node are sent away, those who wait here are told. */
  roleChanged(): void {
    const url = this.#peerUrl();
    for (const [client, id] of this.#clients) {
      if (this.active || id === undefined) {
        tell(client, { type: 'role', role: this.#role(), epoch: this.#epoch(), peerUrl: url });
      } else {
        tell(client, { type: 'redirect', url, position: this.#position() });
        client.close(CloseCode.redirect, 'not active any more');
      }
    }
  }

  #accept(client: WebSocket): void {
    this.#clients.set(client, undefined);
    client.on('close', () => this.#clients.delete(client));
    client.on('message', (data: Buffer) => this.#handle(client, JSON.parse(data.toString()) as ClientMessage));
    tell(client, { type: 'hello', protocol: CLIENT_PROTOCOL, site: 'st-mary', node: this.id, role: this.#role(), peerUrl: this.#peerUrl(), position: this.#position(), heartbeatMs: 500 });
  }

  #handle(client: WebSocket, message: ClientMessage): void {
    switch (message.type) {
      case 'subscribe': {
        if (!this.active && message.anyRole !== true) {
          tell(client, { type: 'error', code: 'NOT_ACTIVE', message: 'this node is not active' });
          return;
        }
        this.#clients.set(client, message.id);
        tell(client, { type: 'snapshot', id: message.id, position: this.#position(), reset: message.resume !== undefined, points: this.plant.points, values: [...this.plant.rows.values()], alarms: [...this.plant.alarms.values()] });
        return;
      }
      case 'authenticate':
        tell(client, { type: 'authenticated', user: { name: 'tests', role: 'administrator' } });
        return;
      case 'unsubscribe':
        this.#clients.set(client, undefined);
        return;
      case 'alarm':
        // Nothing that the console does today; a page that begins to is told at once.
        tell(client, { type: 'result', id: message.id, ok: false, code: 'CLIENT_MALFORMED', message: 'this double knows no such action' });
        return;
      case 'write':
      case 'acknowledge':
        this.#command(client, message);
    }
  }

  #command(client: WebSocket, message: Extract<ClientMessage, { type: 'write' | 'acknowledge' }>): void {
    const refuse = (code: string, text: string): void => tell(client, { type: 'result', id: message.id, ok: false, code, message: text });
    if (message.token !== TOKEN) {
      this.#refused.add(message.token ?? '');
      refuse('CLIENT_UNAUTHORIZED', 'the token does not allow this');
      return;
    }
    if (message.type === 'write' && typeof message.value === 'number' && message.value > 50) {
      refuse('VALUE_OUT_OF_RANGE', `${message.point}: the value must be between 14 and 50`);
      return;
    }
    if (message.type === 'write') this.onChange(message.value === null ? [] : [this.plant.set(message.point, message.value)], []);
    else this.onChange([], [this.plant.acknowledge(message.alarm, message.note)].filter((alarm) => alarm !== undefined));
    tell(client, { type: 'result', id: message.id, ok: true, held: this.pair.down.size === 0 ? 'protected' : 'unprotected' });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const peer = new URL(this.#peerUrl()).origin;
    const url = new URL(request.url ?? '/', 'http://node');
    const { pathname: path, searchParams: query } = url;
    // As the real server: only the peer's origin, and nothing from anywhere else.
    response.setHeader('content-security-policy', `default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'${this.pair.met === false ? '' : ` ${peer} ${peer.replace(/^http/, 'ws')}`}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`);
    if (request.headers.origin === peer) response.setHeader('access-control-allow-origin', peer);
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-methods', 'GET, PUT, POST, DELETE').setHeader('access-control-allow-headers', 'authorization, content-type').writeHead(204).end();
      return;
    }
    const unknown = unknownParameters(request.method ?? '', url);
    if (unknown.length > 0) json(response, { code: 'CLIENT_PARAMETER', detail: `unknown query parameter ${unknown.join(', ')}` }, 400);
    else if (path === '/api/v1/session' && request.method === 'GET') this.#session(request, response);
    else if (path === '/api/v1/redundancy') json(response, statusOf(this.id, this.pair, this.plant.seq));
    else if (request.method !== 'GET') this.#act(path.slice('/api/v1/'.length), request, response);
    else if (path === '/api/v1/redundancy/trust') json(response, this.desk.trust);
    else if (path === '/api/v1/redundancy/partners') json(response, this.desk.table);
    else if (path === '/api/v1/redundancy/settings') json(response, { settings: settingsOf(this.id) });
    else if (path === '/api/v1/redundancy/verify') json(response, this.desk.verification);
    else if (path === '/api/v1/redundancy/events') response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(this.pair.events.map(({ timeMs, ...event }) => `${JSON.stringify({ ...event, time: new Date(timeMs).toISOString() })}\n`).join(''));
    else if (path === '/api/v1/redundancy/conflicts' && query.get('format') === 'csv') response.writeHead(200, { 'content-type': 'text/csv' }).end(`id\r\n${this.desk.conflicts.map(({ id }) => `${id}\r\n`).join('')}`);
    else if (path === '/api/v1/redundancy/conflicts') json(response, { conflicts: this.desk.conflicts });
    else if (path === '/api/v1/history/aggregate') json(response, this.plant.aggregates(query));
    else if (path === '/api/v1/history.csv') response.writeHead(200, { 'content-type': 'text/csv', 'content-disposition': 'attachment; filename="history.csv"' }).end(`time,${query.get('point') ?? ''}\r\n`);
    else if (path.endsWith('/priority-array')) this.#priorities(path, response);
    else if (path.endsWith('/identification')) this.#identification(path, request, response);
    else if (path === '/api/v1/points') json(response, { points: this.plant.restPoints() });
    else if (path.startsWith('/api/v1/points/')) json(response, this.plant.held.details(decodeURIComponent(path.slice('/api/v1/points/'.length))));
    else if (path === '/api/v1/history') json(response, this.plant.history());
    else if (path === '/api/v1/alarms/journal') json(response, { entries: this.plant.journal });
    else if (path === '/api/v1/notifications') json(response, this.plant.notifications);
    else if (path === '/api/v1/alarms') json(response, { alarms: [...this.plant.alarms.values()] });
    else if (path === '/api/v1/kpis') json(response, { kpis: null, timezone: 'UTC' });
    else if (path === '/api/v1/graphics') json(response, { graphics: this.plant.graphics.map(({ name, title }) => ({ name, title, version: 'v1', points: [] })) });
    else if (path.startsWith('/api/v1/graphics/')) json(response, this.plant.graphics.find(({ name }) => path.endsWith(`/${name}`)) ?? {});
    else if (path === '/api/v1/devices') json(response, { devices: devicesOf(this.plant) });
    else file(response, path === '/' ? '/index.html' : path);
  }

  #session({ headers }: IncomingMessage, response: ServerResponse): void {
    const token = headers.authorization?.slice('Bearer '.length);
    const user = token === undefined || this.#refused.has(token) ? null : { kind: 'token', name: 'tests', role: 'administrator' };
    json(response, { site: 'st-mary', node: this.id, role: this.#role(), peerUrl: this.#peerUrl(), access: 'open', needsSetUp: false, user });
  }

  #priorities(path: string, response: ServerResponse): void {
    const point = decodeURIComponent(path.split('/').at(-2) ?? '');
    if (!point.startsWith('R101.') && !point.startsWith('AHU1.')) {
      json(response, this.plant.held.priorities(point));
      return;
    }
    if (!path.includes('R101.')) {
      json(response, { code: 'POINT_NO_PRIORITIES', detail: 'its device knows no priorities' }, 409);
      return;
    }
    json(response, { slots: Array.from({ length: 16 }, (_, index) => (index === 7 ? 22.5 : index === 15 ? 20 : null)), relinquishDefault: 21, active: 8 });
  }

  #identification(path: string, request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) json(response, { code: 'CLIENT_UNAUTHORIZED', detail: 'this needs a token' }, 401);
    else if (path.includes('weather')) json(response, { code: 'DEVICE_NO_IDENTIFICATION', detail: 'its protocol has no such question' }, 409);
    else json(response, { identification: [{ name: 'vendor name', value: 'Example Meters' }, { name: 'product code', value: 'EM-340' }] });
  }

  /** What needs the token: its body is read, and a node that may not do it says so. */
  #act(action: string, request: IncomingMessage, response: ServerResponse): void {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      this.#refused.add(request.headers.authorization?.slice('Bearer '.length) ?? '');
      json(response, { code: 'CLIENT_UNAUTHORIZED', detail: 'this needs a token' }, 401);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const asked = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Readonly<Record<string, unknown>>;
      if (this.plant.held.act(request, asked, response)) return;
      const told = this.plant.actOnMessage(action, asked);
      if (told !== undefined) {
        json(response, told.body, told.status);
        return;
      }
      const { status = 202, body } = this.desk.act(action, asked) ?? this.pairAct(this.id, action, asked);
      json(response, body, status);
    });
  }

  #role(): 'active' | 'standby' {
    return this.active ? 'active' : 'standby';
  }

  #peerUrl(): string {
    return this.pair.urls[this.id === 'A' ? 'B' : 'A'] ?? 'http://127.0.0.1:9';
  }

  #epoch(): Epoch {
    return { number: this.pair.epoch, node: this.pair.active, nonce: 'f00d' };
  }

  #position(): WirePosition {
    return { epoch: this.#epoch(), seq: this.plant.seq, revision: '7c1d2e' };
  }
}

function tell(client: WebSocket, message: ServerMessage): void {
  if (client.readyState === client.OPEN) client.send(JSON.stringify(message));
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function file(response: ServerResponse, path: string): void {
  const found = join('dist', 'console', normalize(path));
  if (!existsSync(found)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': types[extname(found)] ?? 'application/octet-stream' });
  createReadStream(found).pipe(response);
}

function settingsOf(id: string): readonly SettingInForce[] {
  return [
    { name: 'recovery', source: 'site', inForce: 'automatic', configured: 'automatic', needsRestart: false },
    { name: 'pingRate', source: 'site', inForce: '250 ms', configured: id === 'B' ? '100 ms' : '250 ms', needsRestart: id === 'B' },
    { name: 'tls', source: 'node', inForce: 'on', needsRestart: false },
  ];
}

function devicesOf(plant: FakePlant): readonly object[] {
  return [...new Set(plant.points.map((point) => point.device))].map((name) => ({
    name,
    driver: name.startsWith('ddc') || name === 'weather' ? 'bacnet' : name.startsWith('meter') ? 'modbus-rtu' : 'modbus-tcp',
    activity: 'active',
    online: name !== 'meter-2',
    ...(name === 'meter-2' ? { lastError: 'timeout: no answer from unit 6 within 500 ms' } : {}),
    points: plant.points.filter((point) => point.device === name).length,
    cycles: [{ poll: 'normal', periodMs: 1_000, cycleMs: name === 'meter-2' ? 3_000 : 1_000, longestCycleMs: 3_000, pollMs: name === 'meter-2' ? 2_400 : 120, longestPollMs: 2_600, overruns: name === 'meter-2' ? 7 : 0, missed: name === 'meter-2' ? 14 : 0 }],
    counters: name === 'meter-2' ? { requests: 412, timeouts: 97, retries: 31, framesSkipped: 3 } : { requests: 18402, ...(name === 'weather' ? {} : { timeouts: 2, retries: 2 }) },
  }));
}
