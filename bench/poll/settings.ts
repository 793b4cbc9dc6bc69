/** The settings of a poller under measure, as its environment. */

export interface PollerLoad {
  readonly database: string
  /** URL of the only VMA. */
  readonly vma: string
  readonly interval: string
}

export function pollerSettings({ database, vma, interval }: PollerLoad): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: database,
    DATABASE_TIME_ZONE: 'UTC',
    VMA_PROGRESS_CLIENT_URL: vma,
    VMA_PROGRESS_MAX_CONCURRENT: '256',
    VMA_PROGRESS_POLL_INTERVAL: interval,
    OMA_HTTP_PORT: '0',
    OMA_API_TOKENS: 'bench',
  }
}
