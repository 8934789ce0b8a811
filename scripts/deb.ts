// `npm run build:deb [FOLDER]`: knockproxy_VERSION-1_all.deb in FOLDER, by default dist/. The same sources, Node and
// SOURCE_DATE_EPOCH make the same bytes.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  gzip,
  packager,
  put,
  SUMMARY,
  setModes,
  sourceDateEpoch,
  VERSION,
  withFolder,
  writeSystemFiles,
} from './system-files.ts';

const DOC = 'usr/share/doc/knockproxy';
const PRERM = fileURLToPath(new URL('../packaging/deb/prerm', import.meta.url));
const epoch = sourceDateEpoch();
const file = resolve(process.argv[2] ?? 'dist', `knockproxy_${VERSION}-1_all.deb`);

withFolder((root) => {
  const notices = writeSystemFiles(root);
  put(root, `${DOC}/copyright`, copyright(notices));
  put(root, `${DOC}/changelog.Debian.gz`, gzip(changelog()));
  const paths = files(root);
  const kibibytes = paths.reduce((sum, path) => sum + Math.ceil(lstatSync(join(root, path)).size / 1024), 0);
  put(root, 'DEBIAN/md5sums', paths.map((path) => md5Line(root, path)).join(''));
  put(root, 'DEBIAN/control', control(kibibytes));
  put(root, 'DEBIAN/prerm', readFileSync(PRERM));
  setModes(root);
  chmodSync(join(root, 'DEBIAN/prerm'), 0o755);
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch) };
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', '-Zxz', root, file], { env });
});
process.stdout.write(`${file}\n`);

function control(kibibytes: number): string {
  return `Package: knockproxy
Version: ${VERSION}-1
Architecture: all
Maintainer: ${packager()}
Installed-Size: ${kibibytes}
Depends: nodejs (>= 18), openssh-client
Suggests: knockd, fwknop-server, bash-completion
Section: net
Priority: optional
Description: ${SUMMARY}
 knockproxy is a ProxyCommand of ssh: it sends the knocks of a host, connects
 as soon as the port opens and hands the connection over. ssh, scp, sftp,
 rsync, git and what else runs ssh work unchanged.
 .
 It knows the sequences of knockd and of firewall rules, one-time sequences
 and fwknop's single packet authorization; it also sets up servers, and says
 why a port stays shut.
`;
}

function changelog(): string {
  return `knockproxy (${VERSION}-1) unstable; urgency=medium

  * Upstream version ${VERSION}: see changelog.gz.

 -- ${packager()}  ${new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')}
`;
}

function copyright(notices: string): string {
  return `knockproxy, and the packages that are bundled in
/usr/share/knockproxy/cli.cjs, each with its licence:

${notices}`;
}

/** Paths of files, sorted; links are none, as dpkg has it. */
function files(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return files(root, path);
      return entry.isFile() ? [path] : [];
    })
    .sort();
}

function md5Line(root: string, path: string): string {
  return `${createHash('md5')
    .update(readFileSync(join(root, path)))
    .digest('hex')}  ${path}\n`;
}
