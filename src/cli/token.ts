import { formatRoles, TandemError, type TokenView } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { parse, type Command } from './command.js';
import { addressOf } from './node-address.js';
import { areasOf, roleOf } from './roles.js';

const where = '--node FILE | --url URL --token T';

/** Tokens for programs (C5). */
export const token: Command = {
  name: 'token',
  usage: [
    [`token create NAME [--role viewer] [--area AREA=ROLE …] [--for 365d|never] ${where}`, 'make a token for a program; it is printed this once'],
    [`token list ${where}`, 'the tokens that there are'],
    [`token revoke ID ${where}`, 'end one, by its id or name'],
  ],
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: { node: { type: 'string' }, url: { type: 'string' }, token: { type: 'string' }, role: { type: 'string', default: 'viewer' }, area: { type: 'string', multiple: true, default: [] }, for: { type: 'string', default: '365d' } } });
    const [verb, what, ...more] = positionals;
    if (more.length > 0 || (verb === 'list') !== (what === undefined)) throw new TandemError('USAGE', 'tandem token create NAME, list, or revoke ID');
    const { url, token: own } = addressOf(values);
    const api = `${url}/api/v1/tokens`;
    const list = async (): Promise<readonly TokenView[]> => (await askNode<{ tokens: readonly TokenView[] }>(api, { token: own })).tokens;
    if (verb === 'create') {
      const made = await askNode<TokenView & { token: string }>(api, { method: 'POST', token: own, body: { name: what, role: roleOf(values.role), ...(values.area.length === 0 ? {} : { areas: areasOf(values.area) }), for: values.for === 'never' ? null : values.for } });
      console.error(describe(made));
      console.log(made.token);
    } else if (verb === 'list') {
      for (const each of await list()) console.log(describe(each));
    } else if (verb === 'revoke') {
      const found = (await list()).find(({ id, name }) => id === what || name === what);
      if (found === undefined) throw new TandemError('USER_UNKNOWN', `there is no token ${what ?? ''}`);
      await askNode(`${api}/${found.id}`, { method: 'DELETE', token: own });
      console.log(`${found.name}: revoked`);
    } else {
      throw new TandemError('USAGE', `there is no tandem token ${verb ?? ''}`);
    }
    return 0;
  },
};

function describe({ id, name, by, createdMs, expiresMs, ...roles }: TokenView): string {
  return `${id}  ${name.padEnd(20)} ${formatRoles(roles).padEnd(14)} made by ${by} ${new Date(createdMs).toISOString()}, ends ${expiresMs === null ? 'never' : new Date(expiresMs).toISOString()}`;
}
