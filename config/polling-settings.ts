/** The settings of polling, for schema.ts: how the OMA follows its jobs and what it forgives. */

import { JOB_STATUSES, isTerminal } from '../src/model/words.ts'
import { vmaList } from './endpoints.ts'
import { duration, integer, onOff, wordList } from './kinds.ts'
import { DAY, HOUR, MINUTE, SECOND, setting } from './setting.ts'

export const polling = {
  pollIntervalMs: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_POLL_INTERVAL',
    flag: '--poll-interval',
    kind: duration(100, HOUR),
    defaultText: '2s',
    doc: 'Time between two polls of one job (POLL-2).',
  }),
  maxConcurrentPerVma: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_MAX_CONCURRENT',
    flag: '--max-concurrent',
    kind: integer(1, 10_000),
    defaultText: '64',
    doc: 'Requests in flight to one VMA. It limits requests, not jobs (POLL-9).',
  }),
  maxErrors: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_MAX_ERRORS',
    flag: '--max-errors',
    kind: integer(1, 1_000),
    defaultText: '5',
    doc: 'Consecutive errors of one job after which it is suspended (POLL-5).',
  }),
  httpTimeoutMs: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_HTTP_TIMEOUT',
    flag: '--http-timeout',
    kind: duration(50, 5 * MINUTE),
    defaultText: '10s',
    doc: 'Longest wait for the whole answer to one request (POLL-4).',
  }),
  vmas: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_CLIENT_URL',
    flag: '--vma-url',
    kind: vmaList,
    defaultText: 'http://localhost:9081',
    doc: 'Where the VMAs are reached. Without a name, a VMA is called by host and port, or by the URL of its socket.',
  }),
  backoffBaseMs: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_BACKOFF_BASE',
    flag: '--backoff-base',
    kind: duration(10, 10 * MINUTE),
    defaultText: '5s',
    doc: 'Wait after the first of consecutive errors; it doubles with each (POLL-5).',
  }),
  startupGraceMs: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_STARTUP_GRACE',
    flag: '--startup-grace',
    kind: duration(0, HOUR),
    defaultText: '30s',
    doc: 'Time after adoption in which a job that the VMA does not know yet is no error (POLL-6).',
  }),
  contactTimeoutMs: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_CONTACT_TIMEOUT',
    flag: '--contact-timeout',
    kind: duration(SECOND, DAY),
    defaultText: '5m',
    doc: 'Time without one good sample after which a job is failed (POLL-7).',
  }),
  discoveryIntervalMs: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_DISCOVERY_INTERVAL',
    flag: '--discovery-interval',
    kind: duration(100, 10 * MINUTE),
    defaultText: '5s',
    doc: 'Time between two looks into the database for active jobs (POLL-1).',
  }),
  activeStatuses: setting({
    group: 'Polling',
    env: 'OMA_ACTIVE_STATUSES',
    flag: '--active-statuses',
    kind: wordList(JOB_STATUSES.filter((status) => !isTerminal(status))),
    defaultText: 'queued,pending,running,replicating,initializing,preparing,snapshotting,streaming,finalizing',
    doc: 'Values of `replication_jobs.status` that make a job one to follow (POLL-1).',
  }),
  revive: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_REVIVE',
    flag: '--revive',
    kind: onOff,
    defaultText: 'on',
    doc: 'Take back a job that was failed by the contact timeout when its VMA still reports the run (RECOVER-3).',
  }),
  followFeeds: setting({
    group: 'Polling',
    env: 'VMA_PROGRESS_FEED',
    flag: '--feed',
    kind: onOff,
    defaultText: 'on',
    doc: 'Follow the change feed of each VMA that has one; `off` polls every job (POLL-10).',
  }),
  fetchThreads: setting({
    group: 'Polling',
    env: 'OMA_FETCH_THREADS',
    flag: '--fetch-threads',
    kind: integer(1, 16),
    defaultText: '1',
    doc: 'Worker threads that ask the VMAs.',
  }),
}
