import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ownHome } from '../util/own-home.ts';
import { isPrivateFolder } from '../util/private-files.ts';

/** $XDG_STATE_HOME/knockproxy, else ~/.local/state/knockproxy (XDG Base Directory Specification). */
export function stateFolder(): string {
  const { XDG_STATE_HOME } = process.env;
  const base =
    XDG_STATE_HOME && path.isAbsolute(XDG_STATE_HOME)
      ? XDG_STATE_HOME
      : path.join(ownHome(), '.local', 'state');
  return path.join(base, 'knockproxy');
}

/** The folder of sockets: in $XDG_RUNTIME_DIR, else in the folder of the history. */
export function runtimeFolder(folder: string): string {
  const { XDG_RUNTIME_DIR } = process.env;
  if (XDG_RUNTIME_DIR && path.isAbsolute(XDG_RUNTIME_DIR) && isPrivateFolder(XDG_RUNTIME_DIR)) {
    return path.join(XDG_RUNTIME_DIR, 'knockproxy');
  }
  return path.join(folder, `run-${machineId()}`);
}

/** Identifies the network by the first three octets of this machine's IPv4 addresses. */
export function network(): string {
  const all = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const own = all.filter(({ family, internal }) => family === 'IPv4' && !internal);
  return [...new Set(own.map(({ address }) => address.replace(/\.\d+$/, '')))].sort().join(' ');
}

/** Part of the socket path: a home directory may be shared between machines, a socket cannot. */
function machineId(): string {
  try {
    return fs.readFileSync('/etc/machine-id', 'utf8').trim().slice(0, 12);
  } catch {
    return os.hostname().slice(0, 12);
  }
}
