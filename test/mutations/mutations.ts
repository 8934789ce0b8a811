/** A change of one place in src that breaks a promise, and the test files that must fail then. */
export interface Mutation {
  /** What goes wrong for the user. */
  readonly breaks: string;
  readonly file: string;
  /** Occurs once in the file. */
  readonly text: string;
  readonly replacement: string;
  readonly tests: readonly string[];
}

const REFUSED = 'test/unit/login/refused-each-time.test.ts';
const LOOP = 'test/unit/login/attempt-loop.test.ts';
const ANOTHER = 'test/unit/login/another-login.test.ts';
const SCHEDULE = ['first-contact', 'limits', 'moments'].map((name) => `test/unit/plan/${name}.test.ts`);

/**
 * When a refactoring moves one of the places, change `file` and `text`: the replacement must still break what `breaks` says.
 */
export const MUTATIONS: readonly Mutation[] = [
  {
    breaks: 'after three failed logins, a login makes one attempt',
    file: 'src/plan/attempt-limits.ts',
    text: 'export const HOPELESS_LOGINS = 3;',
    replacement: 'export const HOPELESS_LOGINS = 300;',
    tests: [LOOP],
  },
  {
    breaks: 'that lapses an hour after the last failure',
    file: 'src/plan/attempt-limits.ts',
    text: 'const CAUTIOUS_MS = 3_600_000;',
    replacement: 'const CAUTIOUS_MS = 36_000_000;',
    tests: [LOOP],
  },
  {
    breaks: 'a failed login sends at most 16 sequences and SYNs',
    file: 'src/plan/attempt-limits.ts',
    text: 'const MOST_ATTEMPTS = 16;',
    replacement: 'const MOST_ATTEMPTS = 17;',
    tests: [LOOP],
  },
  {
    breaks: 'a failed login sends at most 8 where earlier ones opened at their first attempt',
    file: 'src/plan/attempt-limits.ts',
    text: 'const MOST_ATTEMPTS_CLEAN = 8;',
    replacement: 'const MOST_ATTEMPTS_CLEAN = 9;',
    tests: [LOOP],
  },
  {
    breaks: 'a login counts its attempts at other addresses',
    file: 'src/plan/plan-attempt.ts',
    text: 'const all = [...others, ...made];',
    replacement: 'const all = [...made];',
    tests: [LOOP],
  },
  {
    breaks: 'a login counts its SYNs without an attempt',
    file: 'src/plan/plan-attempt.ts',
    text: 'otherSyns + sum(',
    replacement: '0 * otherSyns + sum(',
    tests: [LOOP],
  },
  {
    breaks: 'a login counts its knocks, of which it sends at most 500',
    file: 'src/login/send-attempt.ts',
    text: 'budget.knocks++;',
    replacement: 'void budget;',
    tests: [LOOP],
  },
  {
    breaks: 'silence after as many SYNs as a limit lets through ends the retries',
    file: 'src/plan/connection-limit.ts',
    text: 'const STRICTEST_LIMIT = 4;',
    replacement: 'const STRICTEST_LIMIT = 400;',
    tests: [LOOP],
  },
  {
    breaks: 'a limit that refuses is not taken for an open door',
    file: 'src/login/refused-each-time.ts',
    text: ' || mayMeetLimit(history, beganAt)',
    replacement: '',
    tests: [REFUSED],
  },
  {
    breaks: 'a port that refuses is taken for an open door only where it was silent while shut',
    file: 'src/login/refused-each-time.ts',
    text: 'const LEAST_SILENT = 2;',
    replacement: 'const LEAST_SILENT = 0;',
    tests: [REFUSED],
  },
  {
    breaks: 'the connect of a login that met a limit stays',
    file: 'src/login/address-attempts.ts',
    text: 'isKept ? 0 : SYN_LIFETIME_MS',
    replacement: 'isKept ? SYN_LIFETIME_MS : SYN_LIFETIME_MS',
    tests: [LOOP],
  },
  {
    breaks: 'the pauses of KnockDelay come on top of KnockTimeout',
    file: 'src/login/attempt-loop.ts',
    text: 'this.#patience.extend(',
    replacement: 'void (',
    tests: [LOOP],
  },
  {
    breaks: 'a login without any time left makes one attempt all the same',
    file: 'src/login/patience.ts',
    text: 'const LEAST_TIME_MS = 400;',
    replacement: 'const LEAST_TIME_MS = 4;',
    tests: [LOOP],
  },
  {
    breaks: 'an attempt at a door with a close sequence waits three times as long before the next',
    file: 'src/plan/plan-attempt.ts',
    text: 'const CLOSABLE_WAIT_FACTOR = 3;',
    replacement: 'const CLOSABLE_WAIT_FACTOR = 2;',
    tests: ['test/unit/plan/knocks.test.ts'],
  },
  {
    breaks: 'the history of a door is kept per network',
    file: 'src/coordination/state-folder.ts',
    text: String.raw`address.replace(/\.\d+$/, '')`,
    replacement: "address.replace(/.*/, '')",
    tests: ['test/unit/coordination/history-store.test.ts'],
  },
  {
    breaks: 'a login warns of a sequence that does not fit into KnockSequenceTimeout',
    file: 'src/proxy.ts',
    text: 'if ((steps.length - 1) * delayMs < sequenceTimeoutMs) return;',
    replacement: 'if (steps.length * delayMs >= 0) return;',
    tests: ['test/cli/window-warning.test.ts'],
  },
  {
    breaks: 'a failed connect without a door hints at a pattern that has one',
    file: 'src/config/host-config.ts',
    text: '? [OTHER_BLOCK_HAS_DOOR] : []',
    replacement: '? [OTHER_BLOCK_HAS_DOOR].slice(1) : []',
    tests: ['test/unit/config/host-config.test.ts'],
  },
  {
    breaks: 'check spends one line of a one-time file, not one for each address family',
    file: 'src/check/run-check.ts',
    text: 'first.slice(0, 1)',
    replacement: 'first.slice(0)',
    tests: ['test/unit/check/run-check.test.ts'],
  },
  {
    breaks: 'a login that is stopped while it asks for a PIN delays the others for 65 s at most',
    file: 'src/coordination/knock-lock.ts',
    text: 'const MAX_ASKING_MS = 65_000;',
    replacement: 'const MAX_ASKING_MS = 65_000_000;',
    tests: ['test/unit/coordination/knock-lock.test.ts'],
  },
  {
    breaks: 'a lock that is never released delays a login for 2 s at most',
    file: 'src/coordination/knock-lock.ts',
    text: 'export const MAX_LOCK_WAIT_MS = 2000;',
    replacement: 'export const MAX_LOCK_WAIT_MS = 6000;',
    tests: ['test/unit/login/behind-door.test.ts', ANOTHER],
  },
  {
    breaks: 'a door that another login says to be open is not knocked at',
    file: 'src/login/behind-door.ts',
    text: 'isAnnounced = taken.door === paths.doorName;',
    replacement: 'isAnnounced = false;',
    tests: [ANOTHER],
  },
  {
    breaks: 'an announcement counts for its own door alone',
    file: 'src/login/behind-door.ts',
    text: 'taken.door === paths.doorName;',
    replacement: 'taken.door !== undefined;',
    tests: [ANOTHER],
  },
  {
    breaks: 'a door that another login has opened since this one began is not knocked at',
    file: 'src/login/reuse-opening.ts',
    text: 'history.openedAt > Math.max(this.#triedAt, this.#beganAt)',
    replacement: 'history.openedAt < Math.min(this.#triedAt, this.#beganAt)',
    tests: [ANOTHER],
  },
  {
    breaks: 'a door that was opened before this login began does not count as open',
    file: 'src/login/reuse-opening.ts',
    text: 'Math.max(this.#triedAt, this.#beganAt)',
    replacement: 'Math.min(this.#triedAt, this.#beganAt)',
    tests: [ANOTHER],
  },
  {
    breaks: 'the time that another login takes to ask for a PIN is not taken from this one',
    file: 'src/login/behind-door.ts',
    text: 'deadlineMs += ms;',
    replacement: 'deadlineMs += 0 * ms;',
    tests: [ANOTHER],
  },
  {
    breaks: 'over a line known to lose packets a failed login sends at most 24 sequences and SYNs',
    file: 'src/plan/attempt-limits.ts',
    text: 'const MOST_ATTEMPTS_LOSSY = 24;',
    replacement: 'const MOST_ATTEMPTS_LOSSY = 25;',
    tests: [LOOP, ...SCHEDULE],
  },
  {
    breaks: 'KnockConnects limits the connects of an attempt',
    file: 'src/plan/plan-attempt.ts',
    text: 'Math.min(context.mostConnects, context.left)',
    replacement: 'context.left',
    tests: [LOOP, ...SCHEDULE],
  },
  {
    breaks: 'the one SYN leaves when the door is almost surely open',
    file: 'src/plan/connects.ts',
    text: 'const SURE_SHARE = 0.98;',
    replacement: 'const SURE_SHARE = 0.5;',
    tests: [LOOP, ...SCHEDULE],
  },
  {
    breaks: 'nothing is sent until a ban for a wrong knock is over',
    file: 'src/plan/knocking.ts',
    text: 'export const BAN_MS = 5_200;',
    replacement: 'export const BAN_MS = 520;',
    tests: [LOOP, ...SCHEDULE],
  },
  {
    breaks: 'a second SYN is risked where the server has shown that it does not count them strictly',
    file: 'src/plan/connection-limit.ts',
    text: 'const PROVEN_ROOM = 5;',
    replacement: 'const PROVEN_ROOM = 1;',
    tests: [LOOP, ...SCHEDULE],
  },
  {
    breaks: 'what kind of door it is is found out at most once a minute',
    file: 'src/plan/connection-limit.ts',
    text: "? 'none' : 'kind'",
    replacement: "? 'kind' : 'kind'",
    tests: [LOOP, ...SCHEDULE],
  },
  {
    breaks: 'after a limit was met, a login sends one SYN',
    file: 'src/plan/attempt-limits.ts',
    text: 'return isHopeless || isLimitNoted(history, nowAt);',
    replacement: 'return isHopeless;',
    tests: [LOOP, ...SCHEDULE],
  },
  {
    breaks: "the library's socket ends when the server ends",
    file: 'src/library/open-door.ts',
    text: 'socket.allowHalfOpen = false;',
    replacement: 'socket.allowHalfOpen = true;',
    tests: ['test/unit/library/open-door.test.ts'],
  },
  {
    breaks: 'the relay waits a second for a silent client after an SSH server has ended',
    file: 'src/handover/relay.ts',
    text: 'const LINGER_MS = 1000;',
    replacement: 'const LINGER_MS = 2000;',
    tests: ['test/unit/handover/relay.test.ts'],
  },
  {
    breaks: 'Ctrl-C and a hang-up of the terminal do not end the process that closes the door',
    file: 'src/login/background-close.ts',
    text: 'detached: true,',
    replacement: 'detached: false,',
    tests: ['test/unit/login/background-close.test.ts'],
  },
  {
    breaks: 'a connect of loopback to itself is not taken for an open door',
    file: 'src/network/connector.ts',
    text: 'socket.localPort === socket.remotePort',
    replacement: 'socket.localPort === -1',
    tests: ['test/unit/network/connector.test.ts'],
  },
];
