import type { Step } from '../plan/sequence.ts';
import { doorSections } from './knockd-conf.ts';
import { checkPlan, type FixedSequence, type KnockdPlan } from './knockd-plan.ts';
import { checkDoorSteps } from './nft-door.ts';
import { dispatch, type StageTrack, saddr, stageSets, stepChains, wrongChain } from './nft-stages.ts';
import { nftChain } from './nft-table.ts';

/**
 * A secret's part of the server's side. install.sh fills in what stands between `@`: it depends on the machine, and on
 * whether a login has proved the secret yet.
 */
interface ServerDoorPlan extends Pick<KnockdPlan, 'closeSteps'> {
  readonly open: FixedSequence | { readonly pool: readonly Step[] };
  /** The hidden TCP port. */
  readonly port: number;
  /** Seconds for the whole sequence (knockd), or from one step to the next (nftables). */
  readonly seqTimeoutS: number;
}

/** Sections of knockd.conf. @throws KnockproxyError (exit status 2) as checkPlan does. */
export function knockdDoor({ open, ...rest }: ServerDoorPlan): string {
  const checked = checkPlan({
    ...rest,
    open: 'pool' in open ? { ...open, oneTimeFile: '/checked' } : open,
    firewall: 'nftables',
  });
  const plan = {
    ...checked,
    name: '_@ID@',
    ...('pool' in open && { open: { ...open, oneTimeFile: '@ONE_TIME@' } }),
  };
  return doorSections(plan, [commands(4), commands(6)]).join('\n');
}

function commands(family: 4 | 6) {
  return { start: `@OPEN${family}@`, stop: undefined, close: `@CLOSE${family}@` };
}

/**
 * Sets and chains for the table of install.sh: the tracks of nftDoor(), but a knock goes on to whatever other rules
 * there are, so that its port answers as every other one does.
 *
 * @throws KnockproxyError (exit status 2) for repeated steps and steps out of range.
 */
export function nftKnocks({ open, closeSteps = [], port, seqTimeoutS }: ServerDoorPlan): string {
  const steps = 'steps' in open ? open.steps : [];
  checkDoorSteps({ steps, closeSteps, port });
  const common = { stageS: seqTimeoutS, verdict: 'return' } as const;
  const tracks: StageTrack[] = [
    { name: '@ID@_open', steps, last: [(v) => `update @@SET@_v${v} { ${saddr(v)} } return`], ...common },
    { name: '@ID@_close', steps: closeSteps, last: [shut, () => 'goto @ID@_open_wrong'], ...common },
  ];
  const used = tracks.filter((track) => track.steps.length > 0);
  const parts = [
    ...used.flatMap(stageSets),
    ...used.map(wrongChain),
    ...used.flatMap(stepChains),
    nftChain('@ID@_knocks', dispatch(used)),
  ];
  return `${parts.join('\n').replace(/^(?=.)/gm, '  ')}\n`;
}

function shut(v: 4 | 6): string {
  return `delete @@SET@_v${v} { ${saddr(v)} }`;
}
