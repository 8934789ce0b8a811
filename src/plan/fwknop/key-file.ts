import { configError, type FilePlace } from '../../util/errors.ts';
import { type SpaSetting, type SpaSettings, type SpaSlot, setVariable } from './fwknop-variables.ts';

const FILE_NAMES = ['KEY_BASE64', 'HMAC_KEY_BASE64'];
const KEY_NAMES = ['KEY', 'HMAC_KEY', ...FILE_NAMES];

/** The variables that KnockSpaKeyCommand replaces. */
export const KEY_SLOTS: readonly SpaSlot[] = KEY_NAMES;

/**
 * Reads a KnockSpaKeyFile: one KEY_BASE64 and one HMAC_KEY_BASE64 line, `NAME: VALUE` as `fwknop --key-gen`
 * prints them or `NAME VALUE` as in access.conf; empty lines and lines beginning with # are ignored.
 *
 * @param text one character per byte (latin1).
 * @param file its name, for messages.
 * @throws KnockproxyError `FILE line N: ...`, never quoting the file.
 */
export function readKeyFile(text: string, file: string): SpaSettings {
  const settings = readLines(text, file, FILE_NAMES, FILE_HINT);
  for (const name of FILE_NAMES) {
    if (!settings.has(name)) throw configError({ file }, `there is no ${name} line`, FILE_HINT);
  }
  return settings;
}

const FILE_HINT = 'create such a file with knockproxy generate --spa HOST, or fwknop --key-gen';

/**
 * Reads the output of KnockSpaKeyCommand: lines as in a key file, or KEY and HMAC_KEY with a passphrase, which extends to
 * the end of its line. Without an HMAC key the packet has no HMAC.
 *
 * @param what the name of the output, for messages.
 * @throws KnockproxyError `OUTPUT line N: ...`, never quoting it.
 */
export function readKeyOutput(text: string, what: string): SpaSettings {
  const settings = readLines(text, what, KEY_NAMES, OUTPUT_HINT);
  if (settings.has('KEY') || settings.has('KEY_BASE64')) return settings;
  throw configError({ file: what }, 'there is no KEY or KEY_BASE64 line', OUTPUT_HINT);
}

const OUTPUT_HINT = 'KnockSpaKeyCommand prints lines such as KEY_BASE64 VALUE and HMAC_KEY_BASE64 VALUE';

function readLines(
  text: string,
  file: string,
  names: readonly string[],
  hint: string,
): Map<SpaSlot, SpaSetting> {
  const settings = new Map<SpaSlot, SpaSetting>();
  text.split('\n').forEach((line, index) => {
    if (/^[ \t\r]*(#|$)/.test(line)) return;
    const where = { file, line: index + 1 };
    const [name, value] = splitLine(line, where, names, hint);
    if (settings.has(name)) throw configError(where, `${name} is repeated`);
    setVariable(settings, name, { name, value, ...where });
  });
  return settings;
}

function splitLine(
  line: string,
  where: FilePlace,
  names: readonly string[],
  hint: string,
): [name: string, value: string] {
  const [, name = '', value = ''] = /^(\S+?):?[ \t]+(.*)$/.exec(line.trim()) ?? [];
  const isBase64 = name.endsWith('_BASE64');
  if (!names.includes(name) || (isBase64 && /\s/.test(value))) {
    throw configError(where, `this line is not NAME VALUE with one of the names ${names.join(', ')}`, hint);
  }
  return [name, isBase64 ? value.replace(/;$/, '') : value];
}
