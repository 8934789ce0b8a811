import {
  type SpaSetting,
  type SpaSettings,
  type SpaSlot,
  setVariable,
} from '../plan/fwknop/fwknop-variables.ts';
import type { Setting } from '../ssh-config/evaluate.ts';
import { configError, type FilePlace } from '../util/errors.ts';
import { MAX_PORT } from '../util/text.ts';
import { type Slot, spellingOf } from './keywords.ts';
import { type GetSetting, readOneWord } from './read-values.ts';

/** A SPA door as configured: where its keys are, and the KnockSpa keywords. */
export interface SpaSource {
  readonly kind: 'spa';
  readonly keys:
    | { readonly in: 'stanza' /** undefined: the host's own name. */; readonly name?: string }
    | { readonly in: 'file' /** A path with tokens. */; readonly path: string };
  /** KnockSpaKeyCommand: the program that prints the keys, words with tokens. */
  readonly keyCommand?: readonly string[];
  /** Variables of the fwknop client set by KnockSpa keywords; they override the rc file. */
  readonly settings: SpaSettings;
  readonly where: FilePlace;
}

/** client/fwknop_common.h: the limit of FW_TIMEOUT, 2 << 15. */
const MAX_TIMEOUT_S = 65536;

/**
 * Reads KnockSpa or KnockSpaKeyFile and the keywords that modify them. KnockSpaKeyCommand modifies KnockSpa only.
 *
 * @throws KnockproxyError `FILE line N: ...`, never quoting a value.
 */
export function readSpaSource(door: Setting, get: GetSetting): SpaSource {
  const keys = readKeyLocation(door);
  const settings = new Map<SpaSlot, SpaSetting>();
  for (const [slot, read] of SPA_KEYWORDS) {
    const setting = get(slot);
    if (setting) read(setting, settings);
  }
  const command = keys.in === 'stanza' ? get('spakeys') : undefined;
  return {
    kind: 'spa',
    keys,
    ...(command && { keyCommand: command.words }),
    settings,
    where: { file: door.file, line: door.line },
  };
}

/** The settings of a door: KnockSpa keywords override its rc file or key file. */
export function withSource(fromFile: SpaSettings, { settings }: SpaSource): SpaSettings {
  const isAllowSet = ALLOW.some((slot) => settings.has(slot));
  const kept = [...fromFile].filter(([slot]) => !isAllowSet || !ALLOW.includes(slot));
  return new Map([...kept, ...settings]);
}

/** The slots that together determine the allowed address. */
const ALLOW = ['ALLOW_IP', 'RESOLVE', 'RESOLVE_URL'];

const SPA_KEYWORDS: readonly (readonly [Slot, (setting: Setting, into: Map<SpaSlot, SpaSetting>) => void])[] =
  [
    ['spaaccess', (setting, into) => setVariable(into, 'ACCESS', entry(setting, readOneWord(setting)))],
    ['spaallow', readAllow],
    ['spaport', (setting, into) => setVariable(into, 'SPA_SERVER_PORT', readInteger(setting, 1, MAX_PORT))],
    [
      'spatimeout',
      (setting, into) => setVariable(into, 'FW_TIMEOUT', readInteger(setting, 0, MAX_TIMEOUT_S)),
    ],
  ];

function readKeyLocation(door: Setting): SpaSource['keys'] {
  const word = readOneWord(door);
  if (door.keyword === 'knockspakeyfile') return { in: 'file', path: word };
  return word.toLowerCase() === 'yes' ? { in: 'stanza' } : { in: 'stanza', name: word };
}

function readAllow(setting: Setting, into: Map<SpaSlot, SpaSetting>): void {
  const [how = '', url = '', ...rest] = setting.words;
  if (how.toLowerCase() === 'resolve') {
    if (rest.length > 0 || !/^https?:\/\/[^/]/i.test(url)) {
      throw configError(
        setting,
        `${spellingOf(setting.keyword)} resolve takes one URL, http:// or https://`,
        NO_DEFAULT_RESOLVER,
      );
    }
    setVariable(into, 'RESOLVE_URL', entry(setting, url));
  } else {
    setVariable(into, 'ALLOW_IP', entry(setting, readOneWord(setting)));
  }
}

const NO_DEFAULT_RESOLVER = 'there is no default: the URL must answer with your public IPv4 address';

function readInteger(setting: Setting, min: number, max: number): SpaSetting {
  const word = readOneWord(setting);
  const isInteger = /^\d{1,5}$/.test(word) && Number(word) >= min && Number(word) <= max;
  if (!isInteger)
    throw configError(setting, `${spellingOf(setting.keyword)} must be an integer from ${min} to ${max}`);
  return entry(setting, String(Number(word)));
}

/** ssh's words are text; the client's values are bytes, one per character. */
function entry({ keyword, file, line }: Setting, value: string): SpaSetting {
  return { name: spellingOf(keyword), value: Buffer.from(value).toString('latin1'), file, line };
}
