/** What a process must not say in a long run. Log lines that tell of a fault that was made (a database away) are no fault. */

const BAD: readonly RegExp[] = [
  /unhandled|uncaught/i,
  // As Node prints it: `(node:123) MaxListenersExceededWarning: …`.
  /\(node:\d+\) (?:\[\w+\] )?\w*Warning/,
  /FATAL ERROR|heap out of memory/,
  // pino's fatal, plain and in ECS words.
  /"level":60\b|"log\.level":"fatal"/,
  /^\s*throw /,
]

/** Warnings that have nothing to do with the product: SQLite's, of Node 22. */
const KNOWN = /ExperimentalWarning/

/** The lines of a log that tell of an unhandled rejection, an uncaught exception, or a warning of Node. */
export function badLines(log: string): readonly string[] {
  return log.split('\n').filter((line) => !KNOWN.test(line) && BAD.some((pattern) => pattern.test(line)))
}
