/**
 * percent_expand of misc.c.
 *
 * @param token the value of a letter; undefined for an unknown token.
 * @returns undefined for an unknown token or a `%` at the end, where ssh stops.
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

/** Expands %h and %% in HostName; a value that ssh would refuse is returned unchanged. */
export function expandHostName(hostName: string, alias: string): string {
  return expandPercent(hostName, (letter) => (letter === 'h' ? alias : undefined)) ?? hostName;
}

/** Expands `${NAME}` (misc.c, dollar_expand). @returns undefined if a variable is not set. */
export function expandDollar(text: string, env: (name: string) => string | undefined): string | undefined {
  if (!text.includes('${')) return text;
  let known = true;
  // Limits the search to the last brace, which keeps it linear.
  const end = text.lastIndexOf('}') + 1;
  const expanded = text.slice(0, end).replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = env(name);
    if (value === undefined) known = false;
    return value ?? '';
  });
  return known ? expanded + text.slice(end) : undefined;
}
