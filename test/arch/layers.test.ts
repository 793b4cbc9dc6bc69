import t from 'tap'
import { breachesIn } from './layers.ts'
import { importsOf } from './imports.ts'
import { sourceFiles } from './source-files.ts'

/** A reader that finds nothing would call everything clean. */
const FILES_AT_LEAST = 80
const IMPORTS_AT_LEAST = 200

t.test('every import keeps to the table of rooms', async (t) => {
  const files = [...sourceFiles('src'), ...sourceFiles('config'), ...sourceFiles('web/src')]
  const imports = files.flatMap(({ source }) => importsOf(source))
  t.ok(files.length >= FILES_AT_LEAST, `${files.length} files seen, at least ${FILES_AT_LEAST} expected`)
  t.ok(imports.length >= IMPORTS_AT_LEAST, `${imports.length} imports seen, at least ${IMPORTS_AT_LEAST} expected`)
  t.same(imports.filter(({ specifier }) => specifier === '(computed)').length, 0, 'no import has a computed name')
  for (const breach of files.flatMap(({ file, source }) => breachesIn(file, source))) t.fail(breach)
})

t.test('a breach is found in every kind of import, and told with its remedy', async (t) => {
  const planted: readonly (readonly [file: string, source: string, told: RegExp])[] = [
    ['src/model/a.ts', "import fs from 'node:fs'", /src\/model\/a\.ts:1 loads node:fs: the model is pure/],
    ['src/model/a.ts', "import 'pino'", /loads pino/],
    ['src/model/a.ts', "export * from '../db/ports.ts'", /imports src\/db\/ports\.ts/],
    ['src/model/wire/a.ts', "\nimport type { S } from '../../actors/a.ts'", /a\.ts:2 imports src\/actors\/a\.ts/],
    ['src/machines/a.ts', "const x = await import('node:timers/promises')", /loads node:timers\/promises/],
    ['src/db/a.ts', "import { a } from '../workers/a.ts'", /let src\/workers call it/],
    ['src/workers/a.ts', "export { a } from '../actors/a.ts'", /a thread only answers tasks/],
    ['src/vma/a.ts', "import { a } from '../db/ports.ts'", /the VMA service stands alone/],
    [
      'src/actors/a.ts',
      "import { a } from '../db/ports.ts'",
      /imports values of src\/db\/ports\.ts, of which it may use types only/,
    ],
    ['src/actors/a.ts', "import { type A } from '../db/ports.ts'", /types only/],
    ['src/actors/a.ts', "import type { A } from '../db/mysql.ts'", /imports src\/db\/mysql\.ts/],
    ['src/actors/a.ts', "import mysql from 'mysql2/promise'", /loads mysql2\/promise/],
    [
      'web/src/fleet/a.tsx',
      "import { isTerminal } from '../../../src/model/words.ts'",
      /knows the OMA by src\/client alone/,
    ],
    ['web/src/a.ts', "import { useState } from 'react'", /loads react/],
    ['src/http/a.ts', "import * as uws from 'uWebSockets.js'", /only src\/http\/uws\/server\.ts may/],
    ['src/cli/a.ts', "import * as uws from 'uWebSockets.js'", /only src\/http\/uws\/server\.ts may/],
    ['src/http/a.ts', "import { DatabaseSync } from 'node:sqlite'", /driver of src\/db/],
    ['src/http/a.ts', "import { loadSettings } from '../../config/load.ts'", /values of config\/load\.ts/],
    ['src/client/a.ts', "import { encode } from '../http/stream/codec.ts'", /the client runs in browsers/],
    ['src/client/a.ts', "import { pack } from 'msgpackr'", /the client runs in browsers/],
    ['src/telemetry/a.ts', "type A = import('../http/ports.ts').A", /telemetry is told of events/],
    ['config/a.ts', "import { a } from '../src/db/ports.ts'", /settings are read before anything runs/],
    ['src/nowhere/a.ts', '', /not in the table of rooms/],
    ['src/model/a.ts', 'const now = Date.now()', /uses Date\.now: take `now` as an argument/],
    ['src/machines/a.ts', 'const now = new Date()', /take `now`/],
    ['src/model/a.ts', 'const id = Math.random()', /random/],
    ['src/machines/a.ts', 'setTimeout(() => {}, 5)', /`after`/],
  ]
  for (const [file, source, told] of planted) {
    const breaches = breachesIn(file, source)
    t.equal(breaches.length, 1, `${file}: ${source}`)
    t.match(breaches[0], told)
  }
})

t.test('what the table allows passes', async (t) => {
  const allowed: readonly (readonly [file: string, source: string])[] = [
    ['src/model/a.ts', "import { b } from './b.ts'\nimport { Type } from 'typebox'\nconst at = new Date(5)"],
    ['src/machines/a.ts', "import { setup } from 'xstate'\nimport { a } from '../model/a.ts'"],
    ['src/actors/a.ts', "import type { A } from '../db/ports.ts'\nimport type { S } from '../../config/schema.ts'"],
    ['src/machines/a.ts', 'interface Clock { setTimeout(fn: (a: number) => void, ms: number): unknown }'],
    ['src/http/uws/server.ts', "import * as uws from 'uWebSockets.js'"],
    ['src/main.ts', "import { a } from './actors/a.ts'\nimport { b } from '../config/load.ts'"],
    [
      'src/model/a.ts',
      "// import 'pino'\n/* Date.now() */ const a = 'import \"pino\"'\nconst b = `Math.random() ${a}`",
    ],
  ]
  for (const [file, source] of allowed) t.same(breachesIn(file, source), [], source)
})

t.test('imports are read as the compiler reads them', async (t) => {
  const read = (source: string): string[] =>
    importsOf(source).map(({ specifier, typeOnly }) => (typeOnly ? `type ${specifier}` : specifier))
  t.same(read("import a, {\n  b as c,\n  type D,\n} from 'x'; import * as n from \"y\"; import 'z'"), ['x', 'y', 'z'])
  t.same(read("import type { A } from 'x'\nexport type { B } from 'y'\nexport type * from 'z'"), [
    'type x',
    'type y',
    'type z',
  ])
  t.same(read("import type from 'x'\nimport type, { a } from 'y'"), ['x', 'y'])
  t.same(read("type A = typeof import('x')\nvoid import('y')\nconst z = require('z')"), ['type x', 'y', 'z'])
  t.same(read('void import(name)'), ['(computed)'])
  t.same(read("const u = import.meta.url; o.import('x'); export const from = 'y'; export { u }; f('z')"), [])
  t.same(read('const r = /[/"]\'/.test(a) ? a / b / c : `${`"${"}"}`}`\nimport "x"'), ['x'])
  t.same(read('const s = { a: 1 } / 2; const q = "it\\"s"; // \' \nimport "x" with { type: "json" }'), ['x'])
})
