import {
  type Entry,
  type Slot,
  type SourceLine,
  type SpaSettings,
  setVariable,
} from '../plan/fwknop/fwknop-variables.ts';
import { configError } from '../util/errors.ts';
import type { Slot as KeywordSlot } from './keywords.ts';
import { oneWord, type Setting } from './value.ts';

/** A SPA door as configured: where its keys are, and what stands in the configuration beside them. */
export interface SpaSource {
  readonly kind: 'spa';
  readonly keys:
    | { readonly in: 'stanza' /** undefined: the one named like the host. */; readonly name?: string }
    | { readonly in: 'file' /** A path with tokens. */; readonly path: string };
  /** The client's variables that Knock keywords stand for; they win over those of the rc file. */
  readonly settings: SpaSettings;
  readonly where: SourceLine;
}

type Get = (slot: KeywordSlot) => Setting | undefined;

const MAX_PORT = 65535;
/** client/fwknop_common.h: the limit of FW_TIMEOUT, 2 << 15. */
const MAX_TIMEOUT_S = 65536;

/**
 * Reads a KnockSpa or KnockSpaKeyFile, and the KnockSpa keywords that go with either.
 *
 * @throws KnockproxyError `FILE line N: ...`, never quoting a value.
 */
export function readSpaSource(door: Setting, get: Get): SpaSource {
  const keys = readPlaceOfKeys(door);
  const settings = new Map<Slot, Entry>();
  for (const [slot, read] of SPA_KEYWORDS) {
    const setting = get(slot);
    if (setting) read(setting, settings);
  }
  return { kind: 'spa', keys, settings, where: { file: door.file, line: door.line } };
}

/** What holds for a door: its configuration, over what its rc file or key file says. */
export function withSource(fromFile: SpaSettings, { settings }: SpaSource): SpaSettings {
  const isAllowSet = ALLOW.some((slot) => settings.has(slot));
  const kept = [...fromFile].filter(([slot]) => !isAllowSet || !ALLOW.includes(slot));
  return new Map([...kept, ...settings]);
}

/** Three slots that say together whom to let in. */
const ALLOW = ['ALLOW_IP', 'RESOLVE', 'RESOLVE_URL'];

const SPA_KEYWORDS: readonly (readonly [KeywordSlot, (setting: Setting, into: Map<Slot, Entry>) => void])[] =
  [
    ['spaaccess', (setting, into) => setVariable(into, 'ACCESS', entry(setting, oneWord(setting)))],
    ['spaallow', readAllow],
    ['spaport', (setting, into) => setVariable(into, 'SPA_SERVER_PORT', readNumber(setting, 1, MAX_PORT))],
    ['spatimeout', (setting, into) => setVariable(into, 'FW_TIMEOUT', readNumber(setting, 0, MAX_TIMEOUT_S))],
  ];

function readPlaceOfKeys(door: Setting): SpaSource['keys'] {
  const word = oneWord(door);
  if (door.keyword === 'knockspakeyfile') return { in: 'file', path: word };
  return word.toLowerCase() === 'yes' ? { in: 'stanza' } : { in: 'stanza', name: word };
}

function readAllow(setting: Setting, into: Map<Slot, Entry>): void {
  const [how = '', url = '', ...rest] = setting.words;
  if (how.toLowerCase() === 'resolve') {
    if (rest.length > 0 || !/^https?:\/\/[^/]/i.test(url)) {
      throw configError(
        setting,
        `${setting.keyword} resolve wants one URL, http:// or https://`,
        NO_DEFAULT_RESOLVER,
      );
    }
    setVariable(into, 'RESOLVE_URL', entry(setting, url));
  } else {
    setVariable(into, 'ALLOW_IP', entry(setting, oneWord(setting)));
  }
}

const NO_DEFAULT_RESOLVER = 'nobody is asked by default: the URL must answer with your public IPv4 address';

function readNumber(setting: Setting, min: number, max: number): Entry {
  const word = oneWord(setting);
  const isNumber = /^\d{1,5}$/.test(word) && Number(word) >= min && Number(word) <= max;
  if (!isNumber) throw configError(setting, `${setting.keyword} wants a number from ${min} to ${max}`);
  return entry(setting, String(Number(word)));
}

/** ssh's words are text; the client's values are bytes, one a character. */
function entry({ keyword, file, line }: Setting, value: string): Entry {
  return { name: keyword, value: Buffer.from(value).toString('latin1'), file, line };
}
