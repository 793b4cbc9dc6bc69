/** The REST of the OMA with its types (API-1 … API-6): for what is asked for once, beside the stream. */

import type { ProgressHistoryJson } from '../model/wire/history.ts'
import type { JobLogJson } from '../model/wire/job-log.ts'
import type { PollingStatusJson } from '../model/wire/service.ts'
import type {
  CbtHistoryJson,
  CurrentJobJson,
  JobHistoryJson,
  VmContextJson,
  VmDiskJson,
} from '../model/wire/vm-contexts.ts'
import type { LiveJob, Position } from './protocol.ts'

export interface VmContextDetail {
  readonly context: VmContextJson
  readonly current_job: CurrentJobJson | null
  readonly job_history: readonly JobHistoryJson[]
  readonly disks: readonly VmDiskJson[]
  readonly cbt_history: readonly CbtHistoryJson[]
}

export interface VmContextList {
  readonly count: number
  readonly vm_contexts: readonly VmContextJson[]
  readonly next_cursor?: string
}

export interface LiveJobList extends Position {
  readonly count: number
  readonly jobs: readonly LiveJob[]
}

export interface JobLogQuery {
  /** Lines, 1 to 1 000. */
  readonly limit?: number
  /** This level and more serious ones. */
  readonly level?: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
}

/** What came of an order to the poller. */
export interface OrderAnswer {
  /** For people. */
  readonly message: string
  readonly job_id: string
}

/** An answer that is not 2xx. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly details: string | undefined

  constructor(status: number, message: string, details?: string) {
    super(details === undefined ? message : `${message}: ${details}`)
    this.status = status
    this.details = details
  }
}

export type Token = string | (() => string | undefined | Promise<string | undefined>)

export interface RestOptions {
  /** `http://oma.example:8082`; a path before `/api` is kept. */
  readonly url: string
  /** A function is asked each time: it may fetch a new one when the old one ends. */
  readonly token?: Token | undefined
  readonly fetch?: typeof fetch | undefined
}

/** Each call rejects with an ApiError, or with the error of `fetch` when there was no answer. */
export class Rest {
  readonly #base: string
  readonly #token: Token | undefined
  readonly #fetch: typeof fetch

  constructor({ url, token, fetch: own }: RestOptions) {
    this.#base = url.replace(/\/+$/, '')
    this.#token = token
    this.#fetch = own ?? ((...args) => fetch(...args))
  }

  async token(): Promise<string | undefined> {
    return typeof this.#token === 'function' ? await this.#token() : this.#token
  }

  /** For a path that has no method here yet. */
  async get<T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<T> {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return await this.#ask<T>('GET', given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`)
  }

  /** All that are followed, with the position from which the topic `jobs` goes on. */
  async jobs(): Promise<LiveJobList> {
    return await this.get('/api/v1/progress')
  }

  async job(jobId: string): Promise<LiveJob> {
    return await this.get(`/api/v1/progress/${encodeURIComponent(jobId)}`)
  }

  async history(jobId: string): Promise<ProgressHistoryJson> {
    return await this.get(`/api/v1/progress/${encodeURIComponent(jobId)}/history`)
  }

  /** Its newest lines, the newest one last; 200 of every level unless said otherwise. */
  async log(jobId: string, { limit, level }: JobLogQuery = {}): Promise<JobLogJson> {
    const query = { limit: limit?.toString(), level }
    return await this.get(`/api/v1/progress/${encodeURIComponent(jobId)}/log`, query)
  }

  async contexts(query: Readonly<Record<string, string>> = {}): Promise<VmContextList> {
    return await this.get('/api/v1/vm-contexts', query)
  }

  /** 409 when the name stands in several vCenters and none is picked. */
  async context(vmName: string, vcenter?: string): Promise<VmContextDetail> {
    return await this.get(`/api/v1/vm-contexts/${encodeURIComponent(vmName)}`, { vcenter })
  }

  async pollingStatus(): Promise<PollingStatusJson> {
    return await this.get('/api/v1/vma-polling/status')
  }

  /** Needs the scope `operate`, as does stopPolling. */
  async startPolling(jobId: string): Promise<OrderAnswer> {
    return await this.#ask('POST', `/api/test/start-polling/${encodeURIComponent(jobId)}`)
  }

  async stopPolling(jobId: string): Promise<OrderAnswer> {
    return await this.#ask('POST', `/api/test/stop-polling/${encodeURIComponent(jobId)}`)
  }

  /** One websocket or EventSource may be opened with it, within 30 s. */
  async newTicket(): Promise<{ readonly ticket: string; readonly expires_at: string }> {
    return await this.#ask('POST', '/api/v1/stream/tickets')
  }

  async #ask<T>(method: string, path: string): Promise<T> {
    const token = await this.token()
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
    const answer = await this.#fetch(this.#base + path, { method, headers })
    const body: unknown = await answer.json().catch(() => undefined)
    if (answer.ok) return body as T
    const { error, details } = (body ?? {}) as { readonly error?: string; readonly details?: string }
    throw new ApiError(answer.status, error ?? `HTTP ${answer.status}`, details)
  }
}

/** Whoever asks again with the same token gets the same answer. */
export function isRefusal(error: unknown): boolean {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  return status === 401 || status === 403
}
