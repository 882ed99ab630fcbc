import type { ScheduleView } from '../../contract/schedule.js';
import { getJson } from './rest.js';

export async function readSchedules(url: string, days: number): Promise<readonly ScheduleView[]> {
  return ((await getJson(url, `api/v1/schedules?days=${days}`)) as { readonly schedules: readonly ScheduleView[] }).schedules;
}
