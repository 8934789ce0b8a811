/** What the first line of a managed block begins with; the host and a blank follow. */
export const BEGIN_MARK = '# >>> knockproxy ';
