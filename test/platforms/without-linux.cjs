// POSIX without what only Linux has, as far as that can be had on Linux: macOS.
const { deny, platform } = require('./pretend.cjs');

platform('darwin');
deny(/^\/(proc|run|sys)(\/|$)|^\/etc\/machine-id$/);
