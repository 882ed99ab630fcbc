import { TandemError, USER_NAME } from '../../contract/index.js';

const SHORTEST = 10;
const LONGEST = 200;

/** @throws USER_INVALID */
export function checkName(name: string): void {
  if (!USER_NAME.test(name)) throw new TandemError('USER_INVALID', `"${name.slice(0, 60)}" cannot be a name: 1 to 60 letters, digits and . _ -, the first a letter or digit`);
}

/** Length is what makes a password hard to guess (NIST SP 800-63B, 3.1.1); no rules on signs in it. @throws USER_INVALID */
export function checkPassword(password: string, name: string): void {
  if (password.length < SHORTEST) throw new TandemError('USER_INVALID', `a password has at least ${SHORTEST} characters`);
  if (password.length > LONGEST) throw new TandemError('USER_INVALID', `a password has at most ${LONGEST} characters`);
  const plain = password.toLowerCase();
  if (plain.includes(name.toLowerCase()) && plain.length < name.length + SHORTEST) throw new TandemError('USER_INVALID', 'a password is not made of the name');
  if (new Set(plain).size < 4) throw new TandemError('USER_INVALID', 'a password has more than three different characters');
}
