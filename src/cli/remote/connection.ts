/** Where the OMA is and what opens it: flags before environment before what a service on this machine left (CLI-3). */

import { bearerToken, type Parsed, type ReadText } from '../../../config/kinds.ts'
import type { ClientCommandOptions } from '../commands.ts'

export interface Connection {
  readonly url: string
  /** undefined: none was given. */
  readonly token: string | undefined
}

export type ReadConnection = { readonly value: Connection } | { readonly problems: readonly string[] }

const DEFAULT_URL = 'http://127.0.0.1:8082'
/** Where an OMA without configured tokens leaves the one of its run (src/cli/oma.ts). */
const OWN_TOKEN_FILE = 'data/oma.token'

export function readConnection(
  { flags, env }: Pick<ClientCommandOptions, 'flags' | 'env'>,
  read: ReadText,
): ReadConnection {
  const url = readUrl(flags['oma'], env['OMA_URL'])
  const token = readToken(flags, env, read, 'value' in url ? url.value : '')
  if ('value' in url && 'value' in token) return { value: { url: url.value, token: token.value } }
  return { problems: [url, token].flatMap((parsed) => ('problem' in parsed ? [parsed.problem] : [])) }
}

/** A path is kept: a proxy may serve the OMA below one. Faults do not repeat what may hold a password. */
function readUrl(flag: string | boolean | undefined, variable: string | undefined): Parsed<string> {
  const [name, text] = typeof flag === 'string' ? ['--oma', flag] : ['OMA_URL', variable || DEFAULT_URL]
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return { problem: `${name} is no http or https URL, such as ${DEFAULT_URL}` }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return { problem: `${name} must be a URL without user, password, ? and #; the token has a flag of its own` }
  return { value: url.href.replace(/\/+$/, '') }
}

function readToken(
  flags: ClientCommandOptions['flags'],
  env: ClientCommandOptions['env'],
  read: ReadText,
  url: string,
): Parsed<string | undefined> {
  const given = readTokenFlags(flags, read)
  if ('problem' in given || given.value !== undefined) return given
  if (env['OMA_TOKEN']) return checked('OMA_TOKEN', env['OMA_TOKEN'])
  const own = isThisMachine(url) ? read(OWN_TOKEN_FILE) : undefined
  return own !== undefined && 'text' in own ? checked(OWN_TOKEN_FILE, own.text) : { value: undefined }
}

/** `--token` or `--token-file`; undefined when neither is given. */
export function readTokenFlags(
  { token, tokenFile }: ClientCommandOptions['flags'],
  read: ReadText,
): Parsed<string | undefined> {
  if (typeof token === 'string' && typeof tokenFile === 'string')
    return { problem: '--token and --token-file are given both: one is enough' }
  if (typeof token === 'string') return checked('--token', token)
  if (typeof tokenFile !== 'string') return { value: undefined }
  const file = read(tokenFile)
  if ('problem' in file) return { problem: `--token-file names ${tokenFile}, which ${file.problem}` }
  return checked(`--token-file ${tokenFile}`, file.text)
}

/** Never repeats the token: fetch would, of one that no header can carry. */
function checked(name: string, text: string): Parsed<string> {
  const token = text.trim()
  if (token === '') return { problem: `${name} is empty` }
  const parsed = bearerToken.parse(token)
  return 'problem' in parsed ? { problem: `${name} ${parsed.problem}` } : parsed
}

function isThisMachine(url: string): boolean {
  return url !== '' && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)
}
