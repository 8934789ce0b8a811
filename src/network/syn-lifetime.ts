/**
 * How long a socket may wait for the answer to its SYN, in milliseconds. The kernel resends a SYN after 1 s
 * (TCP_TIMEOUT_INIT, RFC 6298): to a sequence that is a wrong knock, to a hidden port one more connection.
 */
export const SYN_LIFETIME_MS = 900;
