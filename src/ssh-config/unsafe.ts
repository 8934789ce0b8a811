/** What OpenSSH 9.6 and newer refuse in a host name (ssh.c, valid_hostname), because a shell would act on it. */
export const UNSAFE_IN_SHELL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /^-|['`"$\\;&<>|(){}\s\x00-\x1f\x7f]/;

/** The same for a user (valid_ruser of OpenSSH 10.1): `DOMAIN\user` and names with a dollar or a blank pass. */
export const UNSAFE_USER =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /^-|['`";&<>|(){}\x00-\x1f\x7f]|\s-|\\$/;
