import type { ConfigSystem } from './types.ts';

/** 9.9 splits Match lines like every other line and expands tokens in Include; an unknown version counts as new. */
export function isModern(system: ConfigSystem): boolean {
  const version = /^OpenSSH(?:_for_Windows)?_(\d+)\.(\d+)/.exec(system.sshVersion());
  if (!version) return true;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > 9 || (major === 9 && minor >= 9);
}
