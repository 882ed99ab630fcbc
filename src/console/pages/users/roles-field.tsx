import { IxButton } from '@siemens/ix-react';
import type { ReactNode } from 'react';
import { areaRoles, reaches, siteRoles, type AreaRole, type Roles } from '../../../contract/area-roles.js';
import { accessTexts } from '../../access-texts.js';
import { Choice } from '../../components/choice.js';
import { useLoad } from '../../components/use-load.js';
import { readAreas } from '../../data/users.js';

const t = accessTexts.areas;

interface RolesFieldProps {
  readonly url: string;
  readonly label: string;
  readonly value: Roles;
  readonly onChange: (value: Roles) => void;
  /** `user` or `token`: begins the test ids. */
  readonly testId: string;
}

/** The role for the whole site, and others for areas. Engineers and administrators have the whole site: there the list is away. */
export function RolesField({ url, label, value, onChange, testId }: RolesFieldProps): ReactNode {
  const { value: known = [] } = useLoad(`${url} areas`, () => readAreas(url), undefined, 0, 'areas');
  const { role, areas = {} } = value;
  const names = Object.keys(areas);
  const free = known.filter(({ name }) => !names.includes(name));
  const give = (area: string, given: AreaRole): void => onChange({ role, areas: { ...areas, [area]: given } });
  return (
    <>
      <Choice label={label} value={role} options={siteRoles.map((each) => [each, each === 'none' ? t.noSite : accessTexts.roles[each]] as const)} onChange={(chosen) => onChange(reaches(chosen, 'engineer') ? { role: chosen, areas: {} } : { role: chosen, areas })} testId={`${testId}-role`} />
      {reaches(role, 'engineer') || (known.length === 0 && names.length === 0) ? null : (
        <fieldset className="area-roles">
          <legend>{t.title}</legend>
          <p className="soft">{t.explanation}</p>
          {names.map((area) => (
            <div key={area} className="area-role" data-testid={`${testId}-area`} data-area={area}>
              <span>
                {area} {known.length > 0 && !known.some(({ name }) => name === area) ? <span className="soft">({t.gone})</span> : null}
              </span>
              <Choice label={t.roleIn(area)} value={areas[area] ?? 'none'} options={areaRoles.map((each) => [each, accessTexts.roles[each]] as const)} onChange={(given) => give(area, given)} testId={`${testId}-area-role`} />
              <IxButton variant="subtle-primary" aria-label={t.removeOf(area)} onClick={() => onChange({ role, areas: Object.fromEntries(Object.entries(areas).filter(([name]) => name !== area)) })} data-testid={`${testId}-area-remove`}>
                {t.remove}
              </IxButton>
            </div>
          ))}
          {free.length === 0 ? null : (
            <label className="area-add">
              <span>{t.add}</span>
              <select className="plain-input narrow" value="" onChange={(event) => give(event.target.value, 'operator')} data-testid={`${testId}-area-add`}>
                <option value="">{t.choose}</option>
                {free.map(({ name, title }) => (
                  <option key={name} value={name}>
                    {title === undefined ? name : `${name} (${title})`}
                  </option>
                ))}
              </select>
            </label>
          )}
        </fieldset>
      )}
    </>
  );
}
