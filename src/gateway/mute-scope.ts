import { TandemError, type MuteScope, type SiteConfig } from '../contract/index.js';

/**
 * A mute of what is not there would keep nothing quiet, and whoever asked for it would think that it does.
 * @throws AREA_UNKNOWN, DEVICE_UNKNOWN
 */
export function mustExist(scope: MuteScope, { areas = [], devices, alarms }: Pick<SiteConfig, 'areas' | 'devices' | 'alarms'>): void {
  if ('area' in scope) {
    if (!areas.some(({ name }) => name === scope.area)) throw new TandemError('AREA_UNKNOWN', `there is no area ${scope.area} in the configuration`);
    return;
  }
  const isThere = devices.some(({ name }) => name === scope.device) || alarms.some(({ device }) => device === scope.device);
  if (!isThere) throw new TandemError('DEVICE_UNKNOWN', `there is no device ${scope.device} in the configuration`);
}
