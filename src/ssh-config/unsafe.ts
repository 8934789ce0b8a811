/** Characters that OpenSSH 9.6 and newer refuse in a host name (ssh.c, valid_hostname), because a shell interprets them. */
export const UNSAFE_IN_SHELL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /^-|['`"$\\;&<>|(){}\s\x00-\x1f\x7f]/;

/** The same for a user (valid_ruser of OpenSSH 10.1), which allows `DOMAIN\user`, dollars and blanks. */
export const UNSAFE_USER =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /^-|['`";&<>|(){}\x00-\x1f\x7f]|\s-|\\$/;
