/**
 * percent_expand of misc.c.
 *
 * @param token the value of a letter; undefined when there is none, as is `%` at the end.
 * @returns undefined where ssh stops with an unknown token.
 */
export function expandPercent(
  text: string,
  token: (letter: string) => string | undefined,
): string | undefined {
  if (!text.includes('%')) return text;
  let known = true;
  const expanded = text.replace(/%([\s\S]?)/g, (_, letter: string) => {
    const value = letter === '%' ? '%' : letter === '' ? undefined : token(letter);
    if (value === undefined) known = false;
    return value ?? '';
  });
  return known ? expanded : undefined;
}

/** `HostName` with %h and %%; one that ssh would refuse stays as it is. */
export function expandHostName(hostName: string, alias: string): string {
  return expandPercent(hostName, (letter) => (letter === 'h' ? alias : undefined)) ?? hostName;
}

/** `${NAME}` from the environment (misc.c, dollar_expand); undefined for a variable that is not set. */
export function expandDollar(text: string, env: (name: string) => string | undefined): string | undefined {
  if (!text.includes('${')) return text;
  let known = true;
  // Behind the last brace nothing is a variable.
  const end = text.lastIndexOf('}') + 1;
  const expanded = text.slice(0, end).replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = env(name);
    if (value === undefined) known = false;
    return value ?? '';
  });
  return known ? expanded + text.slice(end) : undefined;
}
