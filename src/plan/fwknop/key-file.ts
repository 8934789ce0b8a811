import { configError } from '../../util/errors.ts';
import { type SpaSetting, type SpaSettings, type SpaSlot, setVariable } from './fwknop-variables.ts';

const NAMES = ['KEY_BASE64', 'HMAC_KEY_BASE64'] as const;

/**
 * Reads a KnockSpaKeyFile: one KEY_BASE64 and one HMAC_KEY_BASE64 line, `NAME: VALUE` as `fwknop --key-gen`
 * prints them or `NAME VALUE` as in access.conf; empty lines and lines beginning with # are ignored.
 *
 * @param text one character per byte (latin1).
 * @param file its name, for messages.
 * @throws KnockproxyError `FILE line N: ...`, never quoting the file.
 */
export function readKeyFile(text: string, file: string): SpaSettings {
  const settings = new Map<SpaSlot, SpaSetting>();
  text.split('\n').forEach((line, index) => {
    if (/^[ \t\r]*(#|$)/.test(line)) return;
    readLine(settings, line, { file, line: index + 1 });
  });
  for (const name of NAMES) {
    if (!settings.has(name)) throw configError({ file }, `there is no ${name} line`, HINT);
  }
  return settings;
}

const HINT = 'create such a file with knockproxy generate --spa HOST, or fwknop --key-gen';

function readLine(
  settings: Map<SpaSlot, SpaSetting>,
  line: string,
  where: { file: string; line: number },
): void {
  const [first = '', value = '', ...rest] = line.trim().split(/[ \t]+/);
  const name = NAMES.find((each) => first === each || first === `${each}:`);
  if (name === undefined || rest.length > 0 || value === '') {
    throw configError(where, `this is neither ${NAMES.join(' VALUE nor ')} VALUE`, HINT);
  }
  if (settings.has(name)) throw configError(where, `${name} is repeated`);
  setVariable(settings, name, { name, value: value.replace(/;$/, ''), ...where });
}
