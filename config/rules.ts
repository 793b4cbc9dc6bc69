/** What has to hold between settings. A rule whose settings could not be read is not judged: their own faults stand. */

import type { SettingKey, Settings } from './schema.ts'
import { VCENTERS_KEY } from './schema.ts'
import { suggestion } from './suggest.ts'

export interface BrokenRule {
  /** The setting that the fault is told of. */
  readonly key: SettingKey | typeof VCENTERS_KEY
  readonly problem: string
}

type Rule = (settings: Partial<Settings>) => readonly BrokenRule[]

const RULES: readonly Rule[] = [openOnlyWithTokens, contactOutlivesAPoll, vcentersNameVmas]

export function brokenRules(settings: Partial<Settings>): readonly BrokenRule[] {
  return RULES.flatMap((rule) => rule(settings))
}

/** Whether only this machine can reach the address. Names other than localhost may resolve to anything. */
function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|0:0:0:0:0:0:0:1)$/i.test(host)
}

/** SEC-1. */
function openOnlyWithTokens({ omaHttpHost, apiTokens }: Partial<Settings>): readonly BrokenRule[] {
  if (omaHttpHost === undefined || apiTokens === undefined) return []
  if (isLoopback(omaHttpHost) || apiTokens.length > 0) return []
  const problem = `"${omaHttpHost}" can be reached by others and needs OMA_API_TOKENS (SEC-1)`
  return [{ key: 'omaHttpHost', problem }]
}

/** Otherwise every job is failed before its second poll. */
function contactOutlivesAPoll({ contactTimeoutMs, pollIntervalMs }: Partial<Settings>): readonly BrokenRule[] {
  if (contactTimeoutMs === undefined || pollIntervalMs === undefined || contactTimeoutMs > pollIntervalMs) return []
  return [{ key: 'contactTimeoutMs', problem: 'must be longer than VMA_PROGRESS_POLL_INTERVAL' }]
}

function vcentersNameVmas({ vcenters, vmas }: Partial<Settings>): readonly BrokenRule[] {
  if (vcenters === undefined || vmas === undefined) return []
  const names = vmas.map((vma) => vma.name)
  const unknown = Object.entries(vcenters).filter(([, vma]) => !names.includes(vma))
  return unknown.map(([vcenter, vma]) => ({
    key: VCENTERS_KEY,
    problem: `sends "${vcenter}" to "${vma}", which VMA_PROGRESS_CLIENT_URL does not name${suggestion(vma, names)}`,
  }))
}
