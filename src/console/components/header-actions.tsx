import { iconKey, iconLightDark, iconLogOut, iconSoundLoud, iconSoundMute, iconSoundOff, iconUserSettings } from '@siemens/ix-icons/icons';
import { IxButton, IxIconButton } from '@siemens/ix-react';
import { useState, type ReactNode } from 'react';
import { accessTexts } from '../access-texts.js';
import { alarmTexts } from '../alarm-texts.js';
import { useServices, useStore } from '../data/services.js';
import { rolesText } from '../format/roles.js';
import { texts } from '../texts.js';
import { PasswordDialog } from './password-dialog.js';

/** Sign in or out, the own password, the alarm sound, and the theme. */
export function HeaderActions({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { session, account, theme, sound } = useServices();
  const { user } = useStore(account);
  const token = useStore(session);
  const { on, mute } = useStore(sound);
  const [changing, setChanging] = useState(false);
  const soundText = mute ? alarmTexts.soundMute : on ? alarmTexts.soundOn : alarmTexts.soundOff;
  return (
    <div className="header-actions">
      {token === undefined ? (
        <IxButton variant="secondary" icon={iconKey} onClick={onSignIn} data-testid="sign-in">
          {texts.header.signIn}
        </IxButton>
      ) : (
        <IxButton variant="subtle-primary" icon={iconLogOut} onClick={() => void account.signOut()} data-testid="sign-out" title={user === undefined ? texts.header.signedIn : `${texts.header.signOut}: ${accessTexts.signedInAs(user.name, rolesText(user))}`}>
          {user === undefined ? texts.header.signOut : user.name}
        </IxButton>
      )}
      {user?.kind === 'user' ? <IxIconButton variant="subtle-tertiary" icon={iconUserSettings} onClick={() => setChanging(true)} aria-label={accessTexts.password.title} title={accessTexts.password.title} data-testid="own-password" /> : null}
      <IxIconButton variant="subtle-tertiary" icon={mute ? iconSoundMute : on ? iconSoundLoud : iconSoundOff} onClick={() => sound.toggle()} aria-label={soundText} title={soundText} data-testid="sound-switch" />
      <IxIconButton variant="subtle-tertiary" icon={iconLightDark} onClick={() => theme.toggle()} aria-label={texts.header.theme} title={texts.header.theme} data-testid="theme-switch" />
      {changing ? <PasswordDialog onClose={() => setChanging(false)} /> : null}
    </div>
  );
}
