import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatRoles, siteRoles, TandemError, type UserView } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { askPassword } from './ask-password.js';
import { parse, type Command } from './command.js';
import { addressOf, type NodeAddress } from './node-address.js';
import { areasOf, roleOf, ROLES } from './roles.js';

const where = '--node FILE | --url URL --token T';

/** The people who may sign in (C5). */
export const user: Command = {
  name: 'user',
  usage: [
    [`user setup --name NAME [--code CODE] --node FILE | --url URL`, 'make the first administrator with the set-up code; the password is asked for, or piped in'],
    [`user list ${where}`, 'who may sign in'],
    [`user add NAME ${ROLES} [--full-name TEXT] ${where}`, 'a new user; the password is asked for, or piped in'],
    [`user set NAME [--role ROLE] [--area AREA=ROLE|AREA= …] [--full-name TEXT] [--password] [--disabled yes|no] ${where}`, 'change a user; `AREA=` takes the role for an area away; --password asks for a new one'],
    [`user unlock|remove NAME ${where}`, 'let a locked user try again; remove one'],
  ],
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { node: { type: 'string' }, url: { type: 'string' }, token: { type: 'string' }, name: { type: 'string' }, code: { type: 'string' }, role: { type: 'string' }, area: { type: 'string', multiple: true, default: [] }, 'full-name': { type: 'string' }, password: { type: 'boolean', default: false }, disabled: { type: 'string' } },
    });
    const [verb, name, ...more] = positionals;
    const address = addressOf(values);
    const fullName = values['full-name'];
    if (verb === 'setup' && name === undefined) return setUp(address, values.name, values.code);
    if (verb === 'list' && name === undefined) return list(address);
    if (name === undefined || more.length > 0) throw new TandemError('USAGE', 'tandem user setup|list, or tandem user add|set|unlock|remove NAME');
    switch (verb) {
      case 'add':
        if (values.role === undefined) throw new TandemError('USAGE', `which role? --role ${siteRoles.join('|')}`);
        return done(await ask<UserView>(address, 'POST', 'users', { name, role: roleOf(values.role), ...(values.area.length === 0 ? {} : { areas: areasOf(values.area) }), password: await askPassword(`password of ${name}`), ...(fullName === undefined ? {} : { fullName }) }), 'added');
      case 'set': {
        const { role, disabled } = values;
        const areas = values.area.length === 0 ? {} : { areas: areasOf(values.area, await areasNow(address, name)) };
        const change = { ...areas, ...(role === undefined ? {} : { role: roleOf(role) }), ...(fullName === undefined ? {} : { fullName }), ...(disabled === undefined ? {} : { disabled: disabled === 'yes' }) };
        const password = values.password ? { password: await askPassword(`new password of ${name}`) } : {};
        return done(await ask<UserView>(address, 'PUT', `users/${encodeURIComponent(name)}`, { ...change, ...password }), 'changed');
      }
      case 'unlock':
        return done(await ask<UserView>(address, 'PUT', `users/${encodeURIComponent(name)}`, { locked: false }), 'unlocked');
      case 'remove':
        await ask(address, 'DELETE', `users/${encodeURIComponent(name)}`);
        console.log(`${name}: removed`);
        return 0;
      default:
        throw new TandemError('USAGE', `there is no tandem user ${verb ?? ''}`);
    }
  },
};

async function setUp(address: NodeAddress, name: string | undefined, given: string | undefined): Promise<number> {
  if (name === undefined) throw new TandemError('USAGE', 'how is the first administrator called? --name NAME');
  const file = address.config === undefined ? undefined : join(address.config.data, 'set-up-code');
  const code = given ?? (file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined);
  if (code === undefined) throw new TandemError('USAGE', 'which set-up code? --code CODE; it is in the log of the active node, and in the file `set-up-code` of its data folder');
  await ask(address, 'POST', 'set-up', { code, name, password: await askPassword(`password of ${name}`) });
  console.log(`${name}: administrator`);
  return 0;
}

async function list(address: NodeAddress): Promise<number> {
  const { users } = await ask<{ users: readonly UserView[] }>(address, 'GET', 'users');
  for (const { name, role, areas, fullName, disabled, lockedUntilMs, sessions } of users) {
    const state = disabled ? 'may not sign in' : lockedUntilMs === undefined ? `${String(sessions)} sessions` : `locked until ${new Date(lockedUntilMs).toISOString()}`;
    console.log(`${name.padEnd(20)} ${formatRoles({ role, ...(areas === undefined ? {} : { areas }) }).padEnd(14)} ${state}${fullName === '' ? '' : `  ${fullName}`}`);
  }
  return 0;
}

async function areasNow(address: NodeAddress, name: string): Promise<UserView['areas']> {
  const { users } = await ask<{ users: readonly UserView[] }>(address, 'GET', 'users');
  return users.find((each) => each.name.toLowerCase() === name.toLowerCase())?.areas;
}

function done({ name, disabled, ...roles }: UserView, what: string): number {
  console.log(`${name}: ${what}, ${formatRoles(roles)}${disabled ? ', may not sign in' : ''}`);
  return 0;
}

async function ask<T>({ url, token }: NodeAddress, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
  return askNode<T>(`${url}/api/v1/${path}`, { method, token, ...(body === undefined ? {} : { body }) });
}
