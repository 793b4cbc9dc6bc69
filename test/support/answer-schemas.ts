/** Answers against the schemas of their routes: what the descriptions of the API tell. */

import type { Test } from 'tap'
import { Compile } from 'typebox/compile'
import type { Route } from '../../src/http/route.ts'
import { ErrorSchema } from '../../src/model/wire/answers.ts'

/** Answers to `fields=` are parts of what the schema tells, and are left alone. */
export function checkAnswer(
  t: Test,
  routes: readonly Route[],
  method: string,
  path: string,
  status: number,
  body: object,
): void {
  if (path.includes('fields=') && status === 200) return
  const [plain = ''] = path.split('?')
  const route = routes.find(
    (one) => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain),
  )
  const schema = route?.schemas?.answers[status] ?? (status >= 400 ? ErrorSchema : undefined)
  if (schema === undefined) return void t.fail(`${method} ${path}: ${status} is no documented answer`)
  t.same([...Compile(schema).Errors(body)], [], `${method} ${path}: ${status} is as its schema says`)
}
