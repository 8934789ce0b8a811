import type { Host } from '../netns/index.ts';
import { type Login, told } from './login.ts';
import { ALL_OPEN, type Ask, extraAtMost, type Row } from './row.ts';
import type { Env, Stage } from './stage.ts';

const CROWD = 50;
/** sshd's own default. */
const DEFAULT_MAX_STARTUPS = '10:30:100';

const FEW_SEQUENCES: Ask = extraAtMost('most sequences a round', 3, true);

const ONE_USER: Row = {
  name: '50 at once, MaxStartups 200',
  stage: { maxStartups: '200' },
  full: 10,
  ci: 1,
  async run(stage, rounds) {
    const logins: Login[] = [];
    let most = 0;
    for (let round = 0; round < rounds; round++) {
      await stage.shut();
      const crowd = await sshCrowd(stage, stage.newcomer());
      logins.push(...crowd);
      most = Math.max(most, sequencesOf(crowd));
    }
    return { logins, extra: { 'most sequences a round': most } };
  },
  asks: [ALL_OPEN, FEW_SEQUENCES],
};

/** sshd drops some of them at random, so the comparison needs many rounds to be sharp: here it is not. */
const DEFAULT_STARTUPS: Row = {
  name: "50 at once, sshd's default MaxStartups",
  stage: { maxStartups: DEFAULT_MAX_STARTUPS },
  full: 10,
  ci: 1,
  async run(stage, rounds) {
    const logins: Login[] = [];
    let plainFailed = 0;
    for (let round = 0; round < rounds; round++) {
      await stage.shut();
      logins.push(...(await sshCrowd(stage, stage.newcomer())));
      await stage.bed.server.firewall.open();
      plainFailed += (await sshCrowd(stage)).filter(({ opened }) => !opened).length;
    }
    const failed = logins.filter(({ opened }) => !opened);
    const dropped = failed.filter(({ stderr }) => !stderr.includes('knockproxy: error'));
    const unexplained = dropped.filter(({ stderr }) => !stderr.includes('MaxStartups')).length;
    const worse = (failed.length - plainFailed) / rounds;
    return {
      logins: logins.filter(({ opened }) => opened),
      extra: {
        failed: failed.length,
        plainFailed,
        'more failed than plain ssh, a round': worse,
        unexplained,
      },
    };
  },
  asks: [extraAtMost('more failed than plain ssh, a round', 3, true), extraAtMost('unexplained', 0)],
};

const BEHIND_ONE_ADDRESS: Row = {
  name: '5 machines behind one address',
  stage: { clientsBehindRouter: 5 },
  full: 50,
  ci: 3,
  async run(stage, rounds) {
    const users = stage.bed.clients.map((client) => ({ client, env: stage.newcomer() }));
    const logins: Login[] = [];
    for (let round = 0; round < rounds; round++) {
      await stage.shut();
      logins.push(...(await Promise.all(users.map(({ client, env }) => stage.login(env, {}, client)))));
    }
    return { logins };
  },
  asks: [ALL_OPEN],
};

/** Real ssh, all at once, by one user; without a user, plain ssh to a port that is open. */
async function sshCrowd(stage: Stage, env?: Env): Promise<Login[]> {
  const proxyCommand = `${stage.command.join(' ')} -- '%h' %p '%n' '%r'`;
  const config = stage.bed.sshConfig(env ? { proxyCommand } : {});
  return Promise.all(Array.from({ length: CROWD }, () => sshLogin(stage.bed.client, config, env)));
}

async function sshLogin(client: Host, config: string, env: Env | undefined): Promise<Login> {
  const result = await client.exec('ssh', ['-F', config, 'server', 'true'], { env: env ?? {} });
  const { code, ms, stderr } = result;
  return { opened: code === 0, ms, ...told(stderr), syns: Number.NaN, strays: Number.NaN };
}

function sequencesOf(logins: readonly Login[]): number {
  return logins.reduce((total, { sequences }) => total + sequences, 0);
}

export const CROWD_ROWS: readonly Row[] = [ONE_USER, DEFAULT_STARTUPS, BEHIND_ONE_ADDRESS];
