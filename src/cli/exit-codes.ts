/** What a command's exit code says (CLI-3). Those of `sysexits.h` where it has one, so that 1 and 2 are left for what was watched. */

export const EXIT = {
  /** Done; a watched job completed. */
  ok: 0,
  /** A watched job failed or was cancelled; or something else went wrong. */
  failed: 1,
  /** Nobody can say: the OMA can't be reached, does not know the job, or lost it. */
  lost: 2,
  /** The command line means nothing. */
  usage: 64,
  /** The OMA does not take this token, or not for this. */
  refused: 77,
  /** Ctrl-C before there was anything to tell. */
  interrupted: 130,
} as const
