import { createHash } from 'node:crypto';
import type { GraphicsApi } from '../clients/index.js';
import { readDrawing } from '../config/index.js';
import { pointsOfBinding, TandemError, type GraphicCheck, type GraphicDefinition, type GraphicInfo } from '../contract/index.js';
import type { Configuration } from './configuration.js';
import type { SiteInForce } from './site-in-force.js';

/** The pages of the plant as clients see them. They are part of the configuration, and change with it. */
export function graphicsOf(inForce: SiteInForce, configuration: Configuration | undefined): GraphicsApi {
  const present = (): NonNullable<SiteInForce['current']['graphics']> => inForce.current.graphics ?? [];
  return {
    list: () => present().map(infoOf),
    get: (name) => present().find((graphic) => graphic.name === name),
    kpis: () => inForce.current.kpis ?? null,
    timezone: () => inForce.current.timezone,
    check: async (name, value, section) => {
      // A drawing alone: what an editor shows before anything is bound. The configuration need not be read for it.
      if (Object.keys(value).length === 1 && typeof value.svg === 'string') return drawingAlone(`${section}.${name}.svg`, value.svg);
      if (configuration === undefined) throw new TandemError('CONFIG_UNKNOWN', 'the configuration of this node is fixed: it was started without a site file');
      const { problems } = await configuration.checkDefinition(section, name, value);
      // What is wrong elsewhere is for the configuration page; what this graphic breaks there (an alarm that names it) is not.
      const own = problems.filter(({ path }) => /^(graphics|drawings|alarms|kpis)\b/.test(path) || path === '');
      return { ok: !own.some(({ severity }) => severity === 'error'), problems: own, ...drawingOf(value.svg) };
    },
  };
}

const infos = new WeakMap<GraphicDefinition, GraphicInfo>();

function infoOf(graphic: GraphicDefinition): GraphicInfo {
  const { name, title, area, under, drawing, elements } = graphic;
  const info = infos.get(graphic) ?? {
    name,
    title,
    ...(area === undefined ? {} : { area }),
    ...(under === undefined ? {} : { under }),
    ...(drawing === undefined ? {} : { drawing }),
    version: createHash('sha256').update(JSON.stringify(graphic)).digest('hex').slice(0, 16),
    points: [...new Set(Object.values(elements).flatMap(pointsOfBinding))],
  };
  infos.set(graphic, info);
  return info;
}

function drawingAlone(path: string, svg: string): GraphicCheck {
  const problems = readDrawing(svg).findings.map((finding) => ({ ...finding, file: 'configuration', line: 1, column: 1, path }));
  return { ok: !problems.some(({ severity }) => severity === 'error'), problems, ...drawingOf(svg) };
}

function drawingOf(svg: unknown): Pick<GraphicCheck, 'drawing'> {
  if (typeof svg !== 'string') return {};
  const { svg: clean, elements } = readDrawing(svg);
  return clean === undefined ? {} : { drawing: { svg: clean, elements } };
}
