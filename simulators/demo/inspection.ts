import { createServer, type IncomingMessage, type Server } from 'node:http';
import { BadRequest, type FaultRequest, type Inspected } from './inspected.js';

export interface InspectionGiven {
  readonly devices: readonly Inspected[];
  /** What stands behind the devices. */
  readonly model: () => unknown;
  /** POST /set with device `model`: breaks or repairs something there. */
  readonly setModel?: (name: string, value: number | null) => void;
}

export interface Inspection {
  readonly port: number;
  close(): Promise<void>;
}

const longestBody = 65_536;

/** Serves what tests and people ask about the virtual devices; on the loopback address only. */
export function serveInspection(given: InspectionGiven, port: number): Promise<Inspection> {
  const server = createServer((request, response) => {
    answer(request, given).then(
      (body) => send(200, body),
      (error: unknown) => send(error instanceof BadRequest ? 400 : 500, { error: error instanceof Error ? error.message : String(error) }),
    );
    function send(status: number, body: unknown): void {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve({ port: typeof address === 'object' && address !== null ? address.port : port, close: () => close(server) });
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(request: IncomingMessage, given: InspectionGiven): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://inspection');
  switch (`${request.method ?? 'GET'} ${url.pathname}`) {
    case 'GET /devices':
      return { devices: given.devices.map((device) => describe(device)) };
    case 'GET /writes':
      return writes(given, url.searchParams);
    case 'GET /model':
      return given.model();
    case 'POST /faults': {
      const body = await bodyOf(request);
      await find(given, body.device).fault(faultOf(body.fault));
      return {};
    }
    case 'POST /set': {
      const { device, point, value } = await bodyOf(request);
      if (typeof point !== 'string' || (value !== null && typeof value !== 'number' && typeof value !== 'boolean')) {
        throw new BadRequest('give device, point and value: a number, true, false, or null to let go');
      }
      const number = value === null ? null : Number(value);
      if (device === 'model' && given.setModel !== undefined) given.setModel(point, number);
      else find(given, device).set(point, number);
      return {};
    }
    default:
      throw new BadRequest('GET /devices, GET /writes?device=&since=, GET /model, POST /faults, POST /set');
  }
}

function describe(device: Inspected): unknown {
  const byRemote = device.remotes();
  const all = Object.values(byRemote);
  return {
    name: device.name,
    address: device.address,
    connectionsNow: all.reduce((sum, remote) => sum + remote.connectionsNow, 0),
    requests: all.reduce((sum, remote) => sum + remote.requests, 0),
    writes: all.reduce((sum, remote) => sum + remote.writes, 0),
    byRemote,
  };
}

/** `since` counts entries: `next` of one answer is `since` of the next question. */
function writes(given: InspectionGiven, query: URLSearchParams): unknown {
  const device = find(given, query.get('device') ?? given.devices[0]?.name);
  const since = Number(query.get('since') ?? 0);
  if (!Number.isInteger(since) || since < 0) throw new BadRequest('since is the `next` of an earlier answer');
  const all = device.writes();
  return { device: device.name, writes: all.slice(since), next: all.length };
}

function find(given: InspectionGiven, name: unknown): Inspected {
  const device = given.devices.find((each) => each.name === name);
  if (device === undefined) throw new BadRequest(`there is no device ${JSON.stringify(name)}: ${given.devices.map((each) => each.name).join(', ')}`);
  return device;
}

/** `"hang"` or `{"kind": "delay", "delayMs": 200}`. */
function faultOf(raw: unknown): FaultRequest {
  if (typeof raw === 'string') return { kind: raw };
  if (typeof raw === 'object' && raw !== null && 'kind' in raw && typeof raw.kind === 'string') return { ...raw, kind: raw.kind };
  throw new BadRequest('fault is a name, or an object with its kind');
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > longestBody) throw new BadRequest('the body is too long');
  }
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body as Readonly<Record<string, unknown>>;
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new BadRequest('the body is to be a JSON object');
}
