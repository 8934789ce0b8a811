import type { Passed } from '../config-edit/quote-word.ts';
import {
  type Config,
  destinationOf,
  evaluateConfig,
  type Setting,
  type Settings,
} from '../ssh-config/evaluate.ts';
import { MATCH } from '../ssh-config/keyword-table.ts';
import { criteriaOf } from '../ssh-config/match-criteria.ts';
import { STRIDE } from '../ssh-config/scan.ts';
import { KnockproxyError } from '../util/errors.ts';
import { byAddress, dependsOnAlias, secretSettings } from './by-address.ts';
import { KEYWORDS } from './keywords.ts';

const SLOTS: readonly string[] = [...new Set(KEYWORDS.flatMap(({ slot }) => (slot ? [slot] : [])))];

/** The names that ProxyCommand must pass so that knockproxy finds the settings of a name as typed. */
export function neededNames(config: Config, alias: string): Passed {
  const destination = destinationOf(config, { alias });
  const { host, port } = destination;
  const typed = evaluateConfig(config, destination).settings;
  if (dependsOnUser(typed) || usersMatter(config)) return 'user';
  const own = evaluateConfig(config, { alias: host, host, port }).settings;
  const found = foundBy(() => byAddress(config, { host, port }, own));
  if (found === undefined || !isSame(typed, found.settings)) return 'alias';
  const byName = typed.has('door') && secretSettings(typed).some(dependsOnAlias);
  return byName && (found.alias ?? host) !== alias ? 'alias' : 'host';
}

/** Whether the place of the secret contains `%r`. */
export function dependsOnUser(settings: Settings): boolean {
  const words = secretSettings(settings).flatMap((setting) => setting.words);
  return words.some((word) => word.replaceAll('%%', '').includes('%r'));
}

function foundBy(find: () => ReturnType<typeof byAddress>) {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof KnockproxyError)) throw error;
    return undefined;
  }
}

function isSame(a: Settings, b: Settings): boolean {
  const place = (setting: Setting | undefined) => setting && `${setting.file}:${setting.line}:${setting.raw}`;
  return SLOTS.every((slot) => place(a.get(slot)) === place(b.get(slot)));
}

/** Whether a Knock keyword is under a Match line that tests the user. */
function usersMatter(config: Config): boolean {
  const isOurs = config.table.entries.map(({ slot }) => slot !== undefined && SLOTS.includes(slot));
  return [config.knock, config.ssh].some((program) =>
    program.blocks.some((block) => {
      const { lines } = block.source;
      let hasOurs = false;
      for (let at = block.from; at < block.to; at += STRIDE) hasOurs ||= isOurs[lines[at]!]!;
      for (let part: typeof block | undefined = hasOurs ? block : undefined; part; part = part.parent) {
        if (part.condition !== MATCH) continue;
        const criteria = criteriaOf(part, program, config.system);
        if (
          criteria.some(
            ({ name, argument }) => name === 'user' || (name === 'exec' && /%[rC]/.test(argument)),
          )
        ) {
          return true;
        }
      }
      return false;
    }),
  );
}
