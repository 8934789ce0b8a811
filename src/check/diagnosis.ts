import { type Class, EXIT_CODES } from './exit-codes.ts';
import { type AddressFinding, type Findings, isOpen } from './findings.ts';
import {
  bannerProblem,
  familyProblem,
  openProblem,
  type Problem,
  problem,
  shutProblem,
  untestedProblem,
} from './problems.ts';

export interface Verdict {
  /** The kind of the first problem. */
  readonly class: Class;
  readonly exitCode: number;
  /** In the order in which ssh would encounter them. */
  readonly problems: readonly Problem[];
  /** Things that work now, but not always. */
  readonly warnings: readonly { readonly text: string; readonly fix: string }[];
}

/** Turns findings into problems and an exit status. Pure. */
export function diagnose(findings: Findings): Verdict {
  const problems = [...configProblems(findings), ...nameProblems(findings), ...doorProblems(findings)];
  const first = problems[0]?.class ?? 'ok';
  const warnings = findings.traps.filter(({ severity }) => severity === 'warning');
  const notClosed = findings.addresses.filter(({ closed }) => closed === false);
  return {
    class: first,
    exitCode: EXIT_CODES[first].exitCode,
    problems,
    warnings: [...warnings, ...notClosed.map(closeWarning)],
  };
}

function closeWarning({ address }: AddressFinding) {
  return {
    text: `${address} is still open after the close sequence`,
    fix: 'compare KnockCloseSequence with the server; an earlier opening may have left a rule of its own',
  };
}

function configProblems({ traps, unreadable }: Findings): Problem[] {
  const errors = traps.filter(({ severity }) => severity === 'error');
  return [
    ...(unreadable ? [problem('config', unreadable.text, unreadable.hints)] : []),
    ...errors.map(({ text, fix }) => problem('config', text, [fix])),
  ];
}

function nameProblems({ unnamed }: Findings): Problem[] {
  return unnamed ? [problem('name', unnamed.text, unnamed.hints)] : [];
}

function doorProblems(findings: Findings): Problem[] {
  const { addresses, behindVia } = findings;
  if (behindVia) return [problem(behindVia.class, behindVia.text, behindVia.hints)];
  const opened = addresses.filter(isOpen);
  if (addresses.length === 0) return [];
  if (opened.length === 0) {
    // A certain cause first; an address without a route only if there is no other.
    const reported =
      addresses.find(({ refusal, nothingListens }) => refusal !== undefined || nothingListens) ??
      addresses.find(({ before }) => before !== 'no-route') ??
      addresses[0]!;
    return [shutProblem(findings, reported)];
  }
  const withoutSsh = opened.find(({ banner }) => banner !== undefined && banner.kind !== 'ssh');
  const shut = addresses.find((finding) => !isOpen(finding) && finding.before !== 'no-route');
  const openEarlier = opened.filter(({ before }) => before === 'open');
  const openBefore = openEarlier.find(({ openedSecondsAgo }) => openedSecondsAgo === undefined);
  const untested = openEarlier.find(({ openedSecondsAgo }) => openedSecondsAgo !== undefined);
  return [
    ...(withoutSsh ? [bannerProblem(withoutSsh)] : []),
    ...(shut ? [familyProblem(findings, shut)] : []),
    ...(openBefore ? [openProblem(openBefore)] : []),
    ...(untested ? [untestedProblem(findings, untested)] : []),
  ];
}
