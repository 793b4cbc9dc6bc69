/** Who may import whom (docs/architecture.md), and the judgement of one file's imports. */

import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { importsOf } from './imports.ts'
import type { Import } from './imports.ts'
import { tokensOf } from './tokens.ts'
import type { Token } from './tokens.ts'

interface Room {
  /** Other rooms whose values it may use. Its own files it always may. */
  readonly rooms: readonly string[]
  /** Modules of further rooms that it may use as types, without `.ts`. */
  readonly types: readonly string[]
  readonly packages: readonly string[]
  readonly builtins: boolean
  /** What to do instead, after "…: ". */
  readonly instead: string
}

const PURE = { types: [], builtins: false } as const

const ROOMS: Readonly<Record<string, Room>> = {
  model: {
    ...PURE,
    rooms: [],
    packages: ['typebox'],
    instead: 'the model is pure; take the value as an argument, or move the code to the room that has what it needs',
  },
  machines: {
    ...PURE,
    rooms: ['model'],
    packages: ['xstate'],
    instead: 'a machine decides only; let src/actors do it and tell the machine by an event',
  },
  db: {
    rooms: ['model'],
    types: [],
    packages: ['mysql2', 'kysely'],
    builtins: true,
    instead: 'the database knows rows, not the runtime; put shared types into src/model and let src/workers call it',
  },
  workers: {
    rooms: ['model', 'db'],
    types: [],
    packages: ['undici', 'msgpackr', 'piscina'],
    builtins: true,
    instead: 'a thread only answers tasks; pass what it needs in the message (src/workers/protocol.ts)',
  },
  vma: {
    rooms: ['model', 'telemetry'],
    types: [],
    packages: ['msgpackr'],
    builtins: true,
    instead: 'the VMA service stands alone; what both services need belongs into src/model',
  },
  actors: {
    rooms: ['machines', 'model', 'telemetry'],
    types: ['db/ports', 'db/record-ports', 'workers/protocol', 'http/ports'],
    packages: ['xstate', 'piscina'],
    builtins: true,
    instead: 'take it as a port (types of db/ports, workers/protocol or http/ports) and let src/main.ts hand it in',
  },
  http: {
    rooms: ['model', 'telemetry'],
    types: ['db/ports', 'vma/ports'],
    packages: ['msgpackr', 'typebox', 'jose'],
    builtins: true,
    instead: 'take it as a port (types of db/ports or vma/ports) and let src/main.ts hand it in',
  },
  client: {
    rooms: [],
    types: [
      'http/stream/frames',
      'model/wire/live-job',
      'model/wire/history',
      'model/wire/job-log',
      'model/wire/service',
      'model/wire/vm-contexts',
    ],
    packages: [],
    builtins: false,
    instead: 'the client runs in browsers and loads nothing; take it as an option (src/client/ports.ts)',
  },
  web: {
    rooms: ['client'],
    types: ['model/wire/history', 'model/wire/job-log', 'model/wire/vm-contexts'],
    packages: ['preact', 'uplot'],
    builtins: false,
    instead: 'the dashboard knows the OMA by src/client alone, and runs in browsers; let the client tell it',
  },
  telemetry: {
    rooms: ['model'],
    types: ['db/ports'],
    packages: ['pino', 'pino-pretty', 'prom-client', '@elastic/ecs-pino-format'],
    builtins: true,
    instead: 'telemetry is told of events and asks nobody; let the other room send it an event',
  },
  sim: {
    rooms: ['model', 'db'],
    types: [],
    packages: ['undici'],
    builtins: true,
    instead: 'the simulation meets the services as a stranger, over HTTP and the tables; let src/cli hand it its ports',
  },
  config: {
    rooms: ['model'],
    types: [],
    packages: [],
    builtins: true,
    instead: 'settings are read before anything runs; put shared knowledge into src/model',
  },
}

/** The composition roots: src/cli and the files directly in src/. They may import everything. */
const ROOTS = new Set(['main', 'cli'])
/** The one file per package that may load it. */
const ADAPTERS: Readonly<Record<string, string>> = { 'uWebSockets.js': 'src/http/uws/server.ts' }
/** Rooms that get time, randomness and the machine's surroundings as arguments. */
const WITHOUT_SURROUNDINGS = new Set(['model', 'machines'])

/** `src/http/auth.ts` → http, `config/load.ts` → config, `web/src/app.tsx` → web, `src/main.ts` → main. */
function roomOf(file: string): string {
  const [top, room, ...rest] = file.split('/')
  if (top !== 'src') return top ?? ''
  return rest.length === 0 ? 'main' : (room ?? '')
}

/** Every breach of the table in one file, each as a sentence that says what to do instead. */
export function breachesIn(file: string, source: string): string[] {
  const name = roomOf(file)
  const adapters = importsOf(source).flatMap((found) => adapterBreach(file, found) ?? [])
  if (ROOTS.has(name)) return adapters
  const room = ROOMS[name]
  if (room === undefined) return [`${file}: src/${name} is not in the table of rooms; add it to test/arch/layers.ts`]
  const imports = importsOf(source).flatMap((found) => {
    const what = forbidden(file, name, room, found)
    return what === undefined ? [] : [`${file}:${found.line} ${what}: ${room.instead}`]
  })
  return [...adapters, ...imports, ...(WITHOUT_SURROUNDINGS.has(name) ? surroundingsIn(file, source) : [])]
}

function adapterBreach(file: string, { specifier, line, typeOnly }: Import): string | undefined {
  const adapter = ADAPTERS[packageOf(specifier)]
  if (adapter === undefined || adapter === file || typeOnly) return undefined
  return `${file}:${line} loads ${specifier}: only ${adapter} may; use what that file exports`
}

function forbidden(file: string, name: string, room: Room, { specifier, typeOnly }: Import): string | undefined {
  if (specifier.startsWith('.')) return forbiddenRoom(file, name, room, specifier, typeOnly)
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    if (specifier === 'node:sqlite' && name !== 'db') return 'loads node:sqlite, which is a driver of src/db'
    return room.builtins || typeOnly ? undefined : `loads ${specifier}`
  }
  const known = room.packages.includes(packageOf(specifier)) || packageOf(specifier) in ADAPTERS
  return known ? undefined : `loads ${specifier}`
}

function forbiddenRoom(
  file: string,
  name: string,
  room: Room,
  specifier: string,
  typeOnly: boolean,
): string | undefined {
  const target = posix.join(posix.dirname(file), specifier)
  const other = roomOf(target)
  if (other === name || room.rooms.includes(other)) return undefined
  const module = target.replace(/^src\//, '').replace(/\.ts$/, '')
  if (typeOnly && (other === 'config' || room.types.includes(module))) return undefined
  const onlyTypes = other === 'config' || room.types.includes(module)
  return onlyTypes ? `imports values of ${target}, of which it may use types only` : `imports ${target}`
}

/** `@scope/name/part` → `@scope/name`. */
function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

const SURROUNDINGS: readonly { readonly pattern: readonly string[]; readonly instead: string }[] = [
  { pattern: ['Date', '.', 'now'], instead: 'take `now` as an argument' },
  { pattern: ['new', 'Date', '(', ')'], instead: 'take `now` as an argument' },
  { pattern: ['performance', '.'], instead: 'take `now` as an argument' },
  { pattern: ['Math', '.', 'random'], instead: 'take the random number, or its source, as an argument' },
  { pattern: ['crypto', '.'], instead: 'take the id as an argument' },
  { pattern: ['process', '.'], instead: 'take the value as an argument' },
  { pattern: ['setTimeout', '('], instead: "use the machine's `after`, or let src/actors wait" },
  { pattern: ['setInterval', '('], instead: "use the machine's `after`, or let src/actors wait" },
  { pattern: ['setImmediate', '('], instead: 'let src/actors do it' },
]

function surroundingsIn(file: string, source: string): string[] {
  const tokens = tokensOf(source)
  return tokens.flatMap((token, at) => {
    const isCode = token.kind === 'word' && tokens[at - 1]?.value !== '.' && !isSignature(tokens, at + 1)
    const found = isCode
      ? SURROUNDINGS.find(({ pattern }) => pattern.every((p, i) => tokens[at + i]?.value === p))
      : undefined
    return found === undefined ? [] : [`${file}:${token.line} uses ${found.pattern.join('')}: ${found.instead}`]
  })
}

/** `setTimeout(fn: …): unknown` in an interface declares one and calls none: a colon follows the parentheses. */
function isSignature(tokens: readonly Token[], open: number): boolean {
  if (tokens[open]?.value !== '(') return false
  let depth = 0
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at]?.value === '(') depth += 1
    if (tokens[at]?.value === ')') depth -= 1
    if (depth === 0) return tokens[at + 1]?.value === ':'
  }
  return false
}
