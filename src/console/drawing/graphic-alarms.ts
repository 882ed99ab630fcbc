import type { WireAlarm } from '../../contract/client-protocol.js';
import { graphicAddress, pointsOfBinding, type ElementBinding, type GraphicInfo } from '../../contract/graphic.js';
import { compareAlarms, needsPerson } from '../format/alarms.js';

/** Finds the most urgent alarm of an element: of the points that it shows, or that names it; of a link to a page, of that page. */
export function alarmFinder(graphic: string, alarms: readonly WireAlarm[], graphics: readonly GraphicInfo[]): (id: string, binding: ElementBinding) => WireAlarm | undefined {
  const urgent = alarms.filter(needsPerson).sort(compareAlarms);
  const byPoint = new Map<string, WireAlarm>();
  for (const alarm of [...urgent].reverse()) byPoint.set(alarm.point, alarm);
  return (id, binding) => {
    const { open } = binding;
    // A value that leads to another page shows what is wrong with itself.
    const page = typeof open === 'object' && binding.point === undefined ? graphics.find(({ name }) => name === open.graphic) : undefined;
    const own = urgent.find((alarm) => alarm.graphic === graphicAddress(graphic, id) || (page !== undefined && isOn(page.name, alarm)));
    const found = [...pointsOfBinding(binding), ...(page?.points ?? [])].flatMap((name) => byPoint.get(name) ?? []);
    return [...found, ...(own === undefined ? [] : [own])].sort(compareAlarms)[0];
  };
}

function isOn(page: string, { graphic }: WireAlarm): boolean {
  const address = graphicAddress(page);
  return graphic === address || graphic?.startsWith(`${address}&`) === true;
}
