/** Rule IDs: where docs/SPEC.md defines them, and which test titles claim to prove them. */

import { tokensOf } from './tokens.ts'

const ID = '[A-Z]{2,8}-\\d+'
/** A rule is defined where its ID opens a list item, a heading or a table row. */
const DEFINITION = new RegExp(`^\\s*(?:[-*]|#+|\\|)\\s*[*\`]*(${ID})\\b`)
/** A title opens with one or more IDs: `[THR-2] writes …`, `[STAT-2, STAT-3] …`, `[A-1][A-2] …`. */
const TITLE = new RegExp(`^(?:\\[${ID}(?:,\\s*${ID})*\\]\\s*)+`)

export interface Claim {
  readonly id: string
  readonly title: string
  readonly line: number
}

/** In the order of the page; one that is defined twice stands twice. */
export function definedRules(spec: string): string[] {
  return spec.split('\n').flatMap((line) => DEFINITION.exec(line)?.[1] ?? [])
}

/** Every text of a test file that opens with an ID is a title: titles also stand in tables and contract suites. */
export function claimsIn(source: string): Claim[] {
  return tokensOf(source).flatMap(({ kind, value, line }) => {
    const head = kind === 'text' ? TITLE.exec(value)?.[0] : undefined
    const ids = head?.match(new RegExp(ID, 'g')) ?? []
    return ids.map((id) => ({ id, title: value, line }))
  })
}

/** Rules without a test, rules of one name and claims without a rule, as sentences. */
export function mismatches(
  spec: string,
  tests: readonly { readonly file: string; readonly source: string }[],
): string[] {
  const defined = definedRules(spec)
  const rules = new Set(defined)
  const twice = [...rules].filter((id) => defined.filter((other) => other === id).length > 1)
  const claims = tests.flatMap(({ file, source }) => claimsIn(source).map((claim) => ({ ...claim, file })))
  const proven = new Set(claims.map((claim) => claim.id))
  const unproven = [...rules].filter((id) => !proven.has(id))
  const unknown = claims.filter((claim) => !rules.has(claim.id))
  return [
    ...twice.map((id) => `docs/SPEC.md defines ${id} more than once: a title that carries it proves neither`),
    ...unproven.map(
      (id) => `docs/SPEC.md has ${id}, but no test title carries [${id}]: write the test or take the rule out`,
    ),
    ...unknown.map(
      ({ id, title, file, line }) => `${file}:${line} claims ${id}, which docs/SPEC.md does not define: "${title}"`,
    ),
  ]
}
