import { readFileSync } from 'node:fs';
import { spreadsheetText, TandemError } from '../contract/index.js';
import { parse, type Command } from './command.js';

export const importModbusMap: Command = {
  name: 'modbus-map',
  usage: [['import modbus-map FILE --device NAME [--prefix P] [--base 0|1]', 'a register map (CSV), as points of a site document']],
  async run(args) {
    const { values, positionals } = parse({ args: [...args], allowPositionals: true, options: { device: { type: 'string' }, prefix: { type: 'string', default: '' }, base: { type: 'string' } } });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new TandemError('USAGE', 'tandem import modbus-map needs one file');
    if (values.device === undefined) throw new TandemError('USAGE', '--device names the device of the site document that the points are of');
    if (values.base !== undefined && values.base !== '0' && values.base !== '1') throw new TandemError('USAGE', `--base is 0 or 1, what the first register is called, not ${values.base}`);
    const base = values.base === undefined ? {} : { base: values.base === '0' ? 0 as const : 1 as const };
    // Loaded when asked for: a gateway starts faster without.
    const [{ readRegisterMap }, { pointBlocks }] = await Promise.all([import('../../drivers/modbus/register-map.js'), import('../../drivers/modbus/site-block.js')]);
    const { points, problems, warnings } = readRegisterMap(textOf(file), { device: values.device, prefix: values.prefix, ...base });
    for (const { line, message } of warnings) console.error(`${file}:${line}: warning: ${message}`);
    for (const { line, message } of problems) console.error(`${file}:${line}: ${message}`);
    if (problems.length > 0) return 2;
    process.stdout.write(pointBlocks(points));
    return 0;
  },
};

function textOf(file: string): string {
  try {
    return spreadsheetText(readFileSync(file));
  } catch (cause) {
    throw new TandemError('USAGE', `cannot read ${file}`, { cause });
  }
}
