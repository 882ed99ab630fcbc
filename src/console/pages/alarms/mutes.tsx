import { useState, type ReactNode } from 'react';
import type { AlarmMute, MuteScope } from '../../../contract/alarm.js';
import { alarmTexts } from '../../alarm-texts.js';
import { ActionButton } from '../../components/action-button.js';
import { Choice } from '../../components/choice.js';
import { Panel } from '../../components/panel.js';
import { PlainTable } from '../../components/plain-table.js';
import { useLoad } from '../../components/use-load.js';
import { durationMs, readMutes } from '../../data/alarm-actions.js';
import { isWritable } from '../../data/plant-view.js';
import { usePlant, useServices } from '../../data/services.js';
import { areasOf } from '../../format/areas.js';
import { formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

const t = alarmTexts.mutes;
const periodMs = 5_000;
const durations = Object.entries(alarmTexts.muteDurations);

/** Areas and devices that are quiet for a time: commissioning, a service visit. */
export function Mutes({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { plant } = useServices();
  const url = usePlant((view) => view.nodeUrl);
  const points = usePlant((view) => view.points);
  const writable = usePlant(isWritable);
  const [turn, setTurn] = useState(0);
  const { value: mutes = [], error } = useLoad(url, () => readMutes(url), periodMs, turn, 'mutes');
  const scopes = [...areasOf(points).map((area) => [`area ${area}`, t.area(area)] as const), ...[...new Set(points.map(({ device }) => device))].sort().map((device) => [`device ${device}`, t.device(device)] as const)];
  const [picked, setPicked] = useState('');
  const scope = picked === '' ? (scopes[0]?.[0] ?? '') : picked;
  const again = (): void => setTurn((present) => present + 1);
  const hint = writable ? undefined : texts.write.readOnly;
  return (
    <Panel
      title={t.title}
      action={
        <ActionButton
          label={t.add}
          disabled={!writable || scope === ''}
          hint={hint}
          onSignIn={onSignIn}
          anywhere
          testId="mute-add"
          title={t.addTitle}
          question={
            <>
              <p>{t.addQuestion}</p>
              <Choice label={t.scope} value={scope} options={scopes} onChange={setPicked} testId="mute-scope" />
            </>
          }
          confirm={t.addConfirm}
          working={alarmTexts.working}
          reason={alarmTexts.reason}
          initial=""
          choice={{ label: t.for, options: durations }}
          run={async ({ reason, choice }) => {
            await plant.actOnAlarm({ kind: 'mute', scope: scopeOf(scope), forMs: durationMs(choice), ...(reason === '' ? {} : { note: reason }) });
            again();
          }}
        />
      }
    >
      {error === undefined ? null : <p className="soft">{error}</p>}
      {mutes.length === 0 ? (
        <p className="soft panel-text">{t.none}</p>
      ) : (
        <PlainTable label={t.title} columns={Object.values(t.columns)}>
          {mutes.map((mute) => (
            <tr key={nameOf(mute)} data-testid="mute-row">
              <td>{nameOf(mute)}</td>
              <td className="number">{formatTime(mute.untilMs)}</td>
              <td>{mute.by}</td>
              <td>{mute.note ?? texts.none}</td>
              <td>
                <ActionButton anywhere label={t.end} disabled={!writable} hint={hint} onSignIn={onSignIn} testId="mute-end" title={t.endTitle(nameOf(mute))} question={t.endQuestion} confirm={t.endConfirm} working={alarmTexts.working} run={async () => plant.actOnAlarm({ kind: 'unmute', scope: mute.scope }).then(again)} />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Panel>
  );
}

function nameOf({ scope }: AlarmMute): string {
  return 'area' in scope ? t.area(scope.area) : t.device(scope.device);
}

function scopeOf(picked: string): MuteScope {
  const name = picked.slice(picked.indexOf(' ') + 1);
  return picked.startsWith('area ') ? { area: name } : { device: name };
}
