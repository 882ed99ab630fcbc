import type { FastifyInstance } from 'fastify';
import type { Metric } from '../contract/index.js';
import type { NodeApi } from './node-api.js';

/** Measurements for Prometheus, in its text format 0.0.4. */
export function addMetricRoutes(app: FastifyInstance, api: NodeApi): void {
  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').header('cache-control', 'no-store').send(exposition(api.metrics())));
}

export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(({ name, help, type, samples }) => [`# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`, `# TYPE ${name} ${type}`, ...samples.map(({ labels, value }) => `${name}${labelsOf(labels)} ${value}`), ''].join('\n')).join('');
}

function labelsOf(labels: Readonly<Record<string, string>> = {}): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}="${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
