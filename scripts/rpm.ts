// `npm run build:rpm [FOLDER]`: knockproxy-VERSION-1.noarch.rpm in FOLDER, by default dist/, by packaging/rpm.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setModes, sourceDateEpoch, VERSION, withFolder, writeSystemFiles } from './system-files.ts';

const SPEC = fileURLToPath(new URL('../packaging/rpm/knockproxy.spec', import.meta.url));
const name = `knockproxy-${VERSION}-1.noarch.rpm`;
const file = resolve(process.argv[2] ?? 'dist', name);

withFolder((folder) => {
  const staged = join(folder, 'staged');
  mkdirSync(staged);
  const notices = writeSystemFiles(staged);
  writeFileSync(join(staged, 'usr/share/doc/knockproxy/LICENSES'), notices);
  mkdirSync(join(staged, 'usr/share/zsh/site-functions'));
  renameSync(
    join(staged, 'usr/share/zsh/vendor-completions/_knockproxy'),
    join(staged, 'usr/share/zsh/site-functions/_knockproxy'),
  );
  setModes(staged);
  const defined = {
    version_: VERSION,
    staged,
    _topdir: join(folder, 'rpmbuild'),
    _rpmdir: folder,
    _rpmfilename: name,
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    _buildhost: 'localhost',
  };
  const defines = Object.entries(defined).flatMap(([macro, value]) => ['--define', `${macro} ${value}`]);
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(sourceDateEpoch()) };
  execFileSync('rpmbuild', ['-bb', '--quiet', ...defines, SPEC], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  copyFileSync(join(folder, name), file);
});
process.stdout.write(`${file}\n`);
