import type net from 'node:net';
import type { EarlierConnects } from '../login/address-context.ts';
import { tryToOpen } from '../login/attempt-loop.ts';
import { type Environment, realEnvironment } from '../login/environment.ts';
import type { KnockBudget } from '../login/knock-budget.ts';
import type { Opened, OpenRequest, StayedShut } from '../login/open-request.ts';
import type { Target } from '../network/resolve.ts';
import type { History } from '../plan/history.ts';
import type { Sequence } from '../plan/sequence.ts';
import { Log } from '../util/log.ts';
import type { Answer, Knocked } from './findings.ts';
import { answerOf } from './probe.ts';

export interface AddressOpening {
  readonly target: Target;
  readonly history: History;
  readonly sequences: readonly Sequence[];
  readonly kind?: NonNullable<OpenRequest['kind']>;
  /** What the port answered before. */
  readonly answered: Answer;
  /** The connects to it before. */
  readonly before: EarlierConnects;
  /** The first knock of a sequence is about to leave: from then on it is on the wire. */
  readonly sending?: ((sequence: number) => void) | undefined;
  readonly budget: KnockBudget;
  readonly mostConnects?: number;
  /** For how long new attempts begin, in milliseconds. */
  readonly limitMs: number;
  readonly environment?: Environment;
}

export interface OpenResult {
  readonly after: Answer;
  readonly knocked: Knocked;
  /** The port seems to limit new connections. */
  readonly isLimited: boolean;
  /** When the port is open: connected and paused. */
  readonly socket?: net.Socket;
  /** From the last knock to the connection, in milliseconds. */
  readonly openMs?: number;
  /** Which of the sequences may have opened it; undefined: none has, as far as is known. */
  readonly sequences?: readonly number[];
  /** What this has taught. */
  readonly history: History;
}

/**
 * Opens the door as a login does, and reports what happened.
 *
 * @throws KnockproxyError when this machine refuses to send.
 */
export async function openAddress(request: AddressOpening): Promise<OpenResult> {
  const { target, limitMs, answered, environment = realEnvironment, ...rest } = request;
  let { history } = request;
  let knocked: Knocked = { attempts: 0, sequenceMs: 0 };
  const result = await tryToOpen({
    ...rest,
    host: target.address,
    // A person who checks gets all attempts, however many logins have failed.
    targets: [{ ...target, history: { ...history, failedLogins: 0 } }],
    deadlineMs: environment.clock.nowMs() + limitMs,
    limitMs,
    environment,
    report: new SilentLog(),
    remember(_, learned) {
      history = learned;
    },
    sent(_target, _attempt, tookMs) {
      const { attempts, sequenceMs } = knocked;
      knocked = { attempts: attempts + 1, sequenceMs: attempts === 0 ? tookMs : sequenceMs };
    },
  });
  return result.kind === 'opened'
    ? { ...opened(result), knocked, history }
    : { ...shut(result, answered), knocked, history: afterFailure(request.history, history) };
}

type OpenOutcome = Omit<OpenResult, 'knocked' | 'history'>;

function opened({ socket, sequences, openMs }: Opened): OpenOutcome {
  if (socket === undefined) return { after: 'refused', isLimited: false, sequences };
  return { after: 'open', isLimited: false, sequences, socket, openMs };
}

/** A machine sends so many ICMP errors in a second and no more: one that answered once is not silent. */
function shut({ addresses, isLimited }: StayedShut, answered: Answer): OpenOutcome {
  const answers = [answerOf(addresses[0]?.lastAnswer), answered];
  return { after: answers.find((answer) => answer !== 'silent') ?? 'silent', isLimited };
}

/** A check that fails counts as no failed login; its SYNs count. */
function afterFailure(before: History, { synsAt, room, limitedAt }: History): History {
  return { ...before, synsAt, room, limitedAt };
}

/** A check reports its own steps. */
class SilentLog extends Log {
  override level = -3;
}
