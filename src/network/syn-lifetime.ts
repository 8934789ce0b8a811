/**
 * How long a socket may wait for the answer to its SYN. The kernel resends a SYN after 1 s (TCP_TIMEOUT_INIT, RFC 6298),
 * which would be a wrong knock in a sequence, or a further connection to a hidden port.
 */
export const SYN_LIFETIME_MS = 900;
