import type { Impairment } from '../netns/index.ts';
import { Beside } from './beside.ts';
import type { Login } from './login.ts';
import { ALL_OPEN, type Ask, extraAtMost, medianAtMost, type Outcome, p95AtMost, type Row } from './row.ts';
import type { Stage } from './stage.ts';

/** `first`: nobody has logged in before; `learned`: the same user has. */
const STATES = ['first', 'learned'] as const;
type State = (typeof STATES)[number];

/** Logins after which a user counts as one who has learned. */
const WARM_UP = 8;
/** How many logins of a row the others are measured beside. */
const MOST_BESIDE = 30;
const MOST_RECIPES = 8;
/** Of Beside.figures(). */
const ABOVE_LIMIT = 'aboveLimitMs';

/** Two strays in a short run tell nothing of one in a hundred. */
const FEW_STRAYS: Ask = {
  what: 'strays on sshd, % of logins',
  value: ({ strayPct, logins }) => (logins < 100 ? strayPct - 200 / logins : strayPct),
  most: 1,
  soft: true,
};

/** A row for first contact and one for what was learned, over one line. */
function rowsOf(
  name: string,
  line: Impairment,
  full: number,
  asks: (state: State) => readonly Ask[] = () => [],
): Row[] {
  return STATES.map((state) => {
    const asked = [ALL_OPEN, ...asks(state)];
    return {
      name: `${name}, ${state}`,
      stage: { line },
      full,
      ci: (line.delayMs ?? 0) + (line.jitterMs ?? 0) < 50 ? 10 : 6,
      run: (stage, rounds, how) =>
        besideOthers(stage, rounds, state, {
          limit: how.beside !== 'asked' || asked.some(({ what }) => what === ABOVE_LIMIT),
          recipe: how.beside === 'recipe' && state === 'first',
        }),
      asks: asked,
    };
  });
}

async function besideOthers(
  stage: Stage,
  rounds: number,
  state: State,
  others: { limit: boolean; recipe: boolean },
): Promise<Outcome> {
  const beside = new Beside(stage);
  const logins = await oneByOne(stage, rounds, state, async (round) => {
    if (others.limit && round < MOST_BESIDE) await beside.limit();
    if (others.recipe && round < MOST_RECIPES) await beside.recipe();
  });
  return { logins, extra: beside.figures(logins) };
}

/** Logins one after the other, each through a shut door. */
export async function oneByOne(
  stage: Stage,
  rounds: number,
  state: State,
  beside: (round: number) => Promise<void> = async () => {},
): Promise<Login[]> {
  const learner = stage.newcomer();
  for (let n = 0; state === 'learned' && n < WARM_UP; n++) await stage.counted(learner);
  const logins: Login[] = [];
  for (let round = 0; round < rounds; round++) {
    logins.push(await stage.counted(state === 'learned' ? learner : stage.newcomer()));
    await beside(round);
  }
  return logins;
}

function cleanRows(name: string, rttMs: number): Row[] {
  return rowsOf(name, { delayMs: rttMs / 2 }, 100, (state) =>
    state === 'first'
      ? [extraAtMost(ABOVE_LIMIT, rttMs + 70, true)]
      : [extraAtMost(ABOVE_LIMIT, 40, true), FEW_STRAYS],
  );
}

function lossRows(lossPct: number): Row[] {
  const times = lossPct === 10 ? [medianAtMost(400), p95AtMost(1500)] : [];
  return rowsOf(`loss ${lossPct} %`, { delayMs: 10, lossPct }, 200, (state) =>
    state === 'first' ? times : [...times, FEW_STRAYS],
  );
}

function jitterRows(jitterMs: number, firstMs: number, learnedMs: number): Row[] {
  return rowsOf(`jitter ${jitterMs} ms`, { delayMs: 10, jitterMs }, 100, (state) => [
    medianAtMost(state === 'first' ? firstMs : learnedMs),
  ]);
}

/** 500 logins of one user; knockd is left as each login leaves it. */
const IN_A_ROW: Row = {
  name: 'in a row, 100 ms RTT',
  stage: { line: { delayMs: 50 } },
  full: 500,
  ci: 10,
  async run(stage, rounds) {
    const learner = stage.newcomer();
    for (let n = 0; n < WARM_UP; n++) await stage.counted(learner);
    const [seenBefore, before] = [stage.sshd.connections(), stage.connections()];
    const logins: Login[] = [];
    while (logins.length < rounds) {
      logins.push(await stage.counted(learner, () => stage.door.removeRules()));
    }
    const surplus = stage.sshd.connections() - seenBefore - rounds;
    return { logins, extra: { surplusSeen: surplus, surplus: stage.connections() - before - rounds } };
  },
  asks: [
    ALL_OPEN,
    extraAtMost('surplus', 5),
    { what: "median SYNs to sshd's port", value: ({ medianSyns }) => medianSyns, most: 3, soft: true },
  ],
};

export const LINE_ROWS: readonly Row[] = [
  ...cleanRows('LAN', 0),
  ...[20, 100, 300].flatMap((rttMs) => cleanRows(`${rttMs} ms RTT`, rttMs)),
  ...[2, 5, 10].flatMap(lossRows),
  ...jitterRows(10, 400, 250),
  ...jitterRows(50, 1500, 700),
  ...[2, 10].flatMap((dupPct) => rowsOf(`duplication ${dupPct} %`, { delayMs: 10, dupPct }, 100)),
  ...rowsOf(
    'loss 5 % + jitter 20 ms + duplication 5 %',
    { delayMs: 10, lossPct: 5, jitterMs: 20, dupPct: 5 },
    100,
  ),
  IN_A_ROW,
];
