/** What a driver's error means, for every database and every caller: one table (DB-5). */

/** The server is not there, or hung up. */
const LOST = /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|PROTOCOL_|POOL_|ER_CON_COUNT)/
/** Locks, a full disk, a server that starts, stops or is read-only for a switch-over; who may log in is set right by people. */
const PASSING =
  /^(ER_LOCK_|ER_XA_RBDEADLOCK|ER_CHECKREAD|ER_SERVER_SHUTDOWN|ER_QUERY_INTERRUPTED|ER_DISK_FULL|ER_TOO_MANY_USER_CONNECTIONS|ER_OPTION_PREVENTS_STATEMENT|ER_ACCESS_DENIED|ER_DBACCESS_DENIED|ER_BAD_DB)/
/** MariaDB's own numbers, for which mysql2 has no name: connection killed, statement timed out. */
const PASSING_NUMBERS = new Set([1927, 1969])
/** SQLite's primary codes: busy, locked, I/O error, full. */
const PASSING_SQLITE = new Set([5, 6, 10, 13])
/** mysql2 gives no code when a connection of a transaction went away between two statements. */
const CLOSED = /in closed state|Pool is closed/

/** The driver's code, of the error or of what caused it; else the error's name. */
export function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'UNKNOWN'
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return cause.cause === undefined ? cause.name : codeOf(cause.cause)
}

export function isConnectionLost(cause: unknown): boolean {
  return LOST.test(codeOf(cause)) || (cause instanceof Error && CLOSED.test(cause.message))
}

/** Worth another try. Anything else stays wrong however often it is tried. */
export function isRetryable(cause: unknown): boolean {
  if (isConnectionLost(cause) || PASSING.test(codeOf(cause))) return true
  const numbers = cause instanceof Error ? cause : {}
  if ('errcode' in numbers && typeof numbers.errcode === 'number') return PASSING_SQLITE.has(numbers.errcode & 0xff)
  if ('errno' in numbers && typeof numbers.errno === 'number') return PASSING_NUMBERS.has(numbers.errno)
  return cause instanceof Error && cause.cause !== undefined && isRetryable(cause.cause)
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
