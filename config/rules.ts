/** What has to hold between settings. A rule whose settings could not be read is not judged: their own faults stand. */

import { isPair } from './pem.ts'
import type { SettingKey, Settings } from './schema.ts'
import { SETTINGS, VCENTERS_KEY } from './schema.ts'
import { suggestion } from './suggest.ts'

export interface BrokenRule {
  /** The setting that the fault is told of. */
  readonly key: SettingKey | typeof VCENTERS_KEY
  readonly problem: string
}

type Rule = (settings: Partial<Settings>) => readonly BrokenRule[]

const RULES: readonly Rule[] = [
  openOnlyWithTokens('omaHttpHost', ['apiTokens', 'readTokens', 'jwtSecret', 'jwtJwks']),
  openOnlyWithTokens('vmaHttpHost', ['vmaApiTokens']),
  claimsNeedKeys,
  contactOutlivesAPoll,
  vcentersNameVmas,
  goTogether('clientTlsCert', 'clientTlsKey'),
  goTogether('vmaTlsCert', 'vmaTlsKey'),
  goTogether('omaTlsCert', 'omaTlsKey'),
]

export function brokenRules(settings: Partial<Settings>): readonly BrokenRule[] {
  return RULES.flatMap((rule) => rule(settings))
}

/** Whether only this machine can reach the address. Names other than localhost may resolve to anything. */
function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|0:0:0:0:0:0:0:1)$/i.test(host)
}

/** SEC-1. */
function openOnlyWithTokens(host: 'omaHttpHost' | 'vmaHttpHost', credentials: readonly SettingKey[]): Rule {
  const names = credentials.map((key) => SETTINGS[key].env).join(' or ')
  return (settings) => {
    const { [host]: address } = settings
    if (address === undefined || isLoopback(address) || !areAbsent(credentials, settings)) return []
    return [{ key: host, problem: `"${address}" can be reached by others and needs ${names} (SEC-1)` }]
  }
}

/** Whether none of the settings is given; not when one of them could not be read. */
function areAbsent(keys: readonly SettingKey[], settings: Partial<Settings>): boolean {
  return keys.every((key) => {
    const value = settings[key]
    return key in settings && (value === undefined || value === '' || (Array.isArray(value) && value.length === 0))
  })
}

/** Who limits JWTs but lets none in has forgotten something. */
function claimsNeedKeys(settings: Partial<Settings>): readonly BrokenRule[] {
  if (!areAbsent(['jwtSecret', 'jwtJwks'], settings)) return []
  const given = (['jwtIssuer', 'jwtAudience'] as const).filter((key) => (settings[key] ?? '') !== '')
  return given.map((key) => ({ key, problem: 'is of no use without OMA_JWT_SECRET or OMA_JWT_JWKS' }))
}

type CertKey = 'clientTlsCert' | 'vmaTlsCert' | 'omaTlsCert'
type KeyKey = 'clientTlsKey' | 'vmaTlsKey' | 'omaTlsKey'

/** CFG-2. */
function goTogether(certKey: CertKey, keyKey: KeyKey): Rule {
  return (settings) => {
    if (!(certKey in settings && keyKey in settings)) return []
    const { [certKey]: cert, [keyKey]: key } = settings
    if (cert === undefined && key === undefined) return []
    if (key === undefined) return [{ key: certKey, problem: `needs ${SETTINGS[keyKey].env} beside it` }]
    if (cert === undefined) return [{ key: keyKey, problem: `needs ${SETTINGS[certKey].env} beside it` }]
    return isPair(cert, key) ? [] : [{ key: keyKey, problem: `is not the key of ${SETTINGS[certKey].env}` }]
  }
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
