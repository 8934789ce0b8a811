// What both preloads are made of. NODE_OPTIONS has them loaded before the program, which knows nothing of them; what is
// denied is written to the file PRETEND_LOG, so that a test sees that it was asked for.
const fs = require('node:fs');

const append = fs.appendFileSync;
const BY_PATH =
  'accessSync existsSync lstatSync openSync readdirSync readFileSync readlinkSync realpathSync statSync';

/** The program finds itself on that platform. */
exports.platform = (name) => Object.defineProperty(process, 'platform', { value: name });

exports.note = (what) => {
  if (process.env.PRETEND_LOG) append(process.env.PRETEND_LOG, `${what}\n`);
};

/** There is nothing at such paths. */
exports.deny = (paths) => {
  for (const name of BY_PATH.split(' ')) {
    const real = fs[name];
    fs[name] = (file, ...rest) => {
      if (!paths.test(String(file))) return real(file, ...rest);
      exports.note(file);
      if (name === 'existsSync') return false;
      if (rest[0]?.throwIfNoEntry === false) return undefined;
      throw Object.assign(new Error(`ENOENT: no such file or directory, '${file}'`), { code: 'ENOENT' });
    };
  }
};
