import { configError } from '../util/errors.ts';
import type { ImportedDoor, ImportedFile } from './imported-door.ts';

/** A variable of a stanza. */
interface Access {
  readonly value: string;
  readonly line: number;
}

interface Stanza {
  readonly line: number;
  readonly values: Map<string, Access>;
}

/** Whether a file is fwknopd's: it begins with the SOURCE of a stanza or with an include. */
export function isAccessConf(text: string): boolean {
  const first = text.split('\n').find((line) => !isComment(line));
  return first !== undefined && /^\s*(SOURCE:?|%include\w*)\s/.test(first);
}

/**
 * Reads access.conf of fwknopd 2.6.10 (server/access.c: parse_access_file): `VARIABLE VALUE;`, the semicolon may be absent, a
 * stanza begins with SOURCE.
 *
 * @param text one character per byte (latin1).
 * @throws KnockproxyError `FILE line N: ...` for a line that fwknopd refuses, without quoting it.
 */
export function readAccessConf(text: string, file: string): ImportedFile {
  const stanzas: Stanza[] = [];
  const notes: string[] = [];
  for (const [index, text_] of text.split('\n').entries()) {
    if (isComment(text_)) continue;
    const line = index + 1;
    const [, word = '', value = ''] = /^\s*(\S+)\s+([^;\r]+)/.exec(text_) ?? [];
    if (word === '') throw configError({ file, line }, 'this line has no value', FORM);
    const name = word.replace(/:[^:]*$/, '');
    if (name.startsWith('%include')) {
      notes.push(`${file} line ${line} includes another file: import that one too`);
      continue;
    }
    if (name === 'SOURCE') stanzas.push({ line, values: new Map() });
    const stanza = stanzas.at(-1);
    if (stanza === undefined) throw configError({ file, line }, 'a stanza begins with SOURCE', FORM);
    stanza.values.set(name, { value: value.trim(), line });
  }
  return { doors: stanzas.map((stanza, index) => readDoor(stanza, `stanza ${index + 1}`, file)), notes };
}

const FORM = 'a line of access.conf has the form VARIABLE VALUE';

/** access.c looks at the first character only. */
function isComment(line: string): boolean {
  return /^([#;\r]|$)/.test(line) || line.trim() === '';
}

function readDoor({ line, values }: Stanza, name: string, file: string): ImportedDoor {
  const keyLines = [...keyLine(values, 'KEY'), ...keyLine(values, 'HMAC_KEY')];
  const source = values.get('SOURCE')!.value;
  return {
    name,
    line,
    secret: { kind: 'spa', keyLines, needsAddress: isYes(values.get('REQUIRE_SOURCE_ADDRESS')) },
    ports: openPorts(values.get('OPEN_PORTS')),
    problems: PROBLEMS.flatMap(([isWrong, text]) =>
      isWrong(values) ? [`${file} line ${line}: ${text}`] : [],
    ),
    notes: [
      ...(/^any$/i.test(source)
        ? []
        : ['fwknopd accepts packets for this stanza from some addresses only (SOURCE)']),
      ...(values.has('FORCE_NAT') ? ['fwknopd forwards the connection to another machine (FORCE_NAT)'] : []),
    ],
  };
}

/** A key as a line of a key file: fwknopd prefers the one in base64. */
function keyLine(values: Stanza['values'], name: 'KEY' | 'HMAC_KEY'): string[] {
  const encoded = values.get(`${name}_BASE64`)?.value;
  const raw = values.get(name)?.value;
  if (encoded !== undefined) return [`${name}_BASE64 ${encoded}`];
  return raw === undefined ? [] : [`${name}_BASE64 ${Buffer.from(raw, 'latin1').toString('base64')}`];
}

const PROBLEMS: readonly (readonly [(values: Stanza['values']) => boolean, string])[] = [
  [
    (values) => !hasKey(values, 'KEY') && hasGpg(values),
    'this stanza accepts GPG packets only, which are not supported',
  ],
  [(values) => !hasKey(values, 'KEY') && !hasGpg(values), 'this stanza has no KEY_BASE64'],
  [
    (values) => hasKey(values, 'KEY') && !hasKey(values, 'HMAC_KEY'),
    'this stanza has no HMAC_KEY_BASE64: add one on the server, or use KnockSpa with a stanza of ~/.fwknoprc',
  ],
  [
    (values) => [...values.values()].some(({ value }) => value.includes('__CHANGEME__')),
    'the keys of this stanza are the placeholders of the package',
  ],
  [
    (values) => !/^sha256$/i.test(values.get('HMAC_DIGEST_TYPE')?.value ?? 'sha256'),
    'this stanza has an HMAC_DIGEST_TYPE other than sha256: use KnockSpa with a stanza of ~/.fwknoprc',
  ],
  [
    (values) => !/^cbc$/i.test(values.get('ENCRYPTION_MODE')?.value ?? 'cbc'),
    'only the encryption mode CBC is supported',
  ],
  [
    (values) => values.has('REQUIRE_USERNAME'),
    'this stanza requires a user name: use KnockSpa with SPOOF_USER in a stanza of ~/.fwknoprc',
  ],
];

function hasKey(values: Stanza['values'], name: 'KEY' | 'HMAC_KEY'): boolean {
  return keyLine(values, name).length > 0;
}

function hasGpg(values: Stanza['values']): boolean {
  return [...values.keys()].some((name) => name.startsWith('GPG_'));
}

function openPorts(entry: Access | undefined): number[] {
  return (entry?.value ?? '')
    .split(',')
    .flatMap((each) => /^\s*tcp\/(\d{1,5})\s*$/i.exec(each)?.[1] ?? [])
    .map(Number);
}

function isYes(entry: Access | undefined): boolean {
  return /^y/i.test(entry?.value ?? '');
}
