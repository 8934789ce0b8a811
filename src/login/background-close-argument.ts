/** The only argument of a process that does nothing but close a door; see closer.ts. */
export const CLOSER = '--closer';
