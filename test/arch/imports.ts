/** The modules a source file reaches for: static, re-exporting, dynamic, `import('…')` types and `require`. */

import { tokensOf } from './tokens.ts'
import type { Token } from './tokens.ts'

export interface Import {
  readonly specifier: string
  /** Erased before the code runs: `import type`, `export type … from`. An inline `type` still loads the module. */
  readonly typeOnly: boolean
  readonly line: number
}

export function importsOf(source: string): Import[] {
  const tokens = tokensOf(source)
  return tokens.flatMap((_, at) => importAt(tokens, at) ?? [])
}

function importAt(tokens: readonly Token[], at: number): Import | undefined {
  const token = tokens[at]
  if (token?.kind !== 'word' || isMark(tokens[at - 1], '.')) return undefined
  if (token.value === 'import') return importStatement(tokens, at)
  if (token.value === 'export') return reExport(tokens, at)
  return token.value === 'require' ? called(tokens, at) : undefined
}

function importStatement(tokens: readonly Token[], at: number): Import | undefined {
  const next = tokens[at + 1]
  if (next?.kind === 'text') return { specifier: next.value, typeOnly: false, line: next.line }
  if (isMark(next, '(')) return called(tokens, at, isWord(tokens[at - 1], 'typeof'))
  if (isMark(next, '.')) return undefined
  // `import type from 'x'` imports a value that is called `type`.
  const typeOnly = isWord(next, 'type') && !isWord(tokens[at + 2], 'from') && !isMark(tokens[at + 2], ',')
  return from(tokens, at + 1, typeOnly)
}

/** `export * from`, `export { … } from`, `export type { … } from`; other exports reach for nothing. */
function reExport(tokens: readonly Token[], at: number): Import | undefined {
  const typeOnly = isWord(tokens[at + 1], 'type')
  const start = tokens[at + (typeOnly ? 2 : 1)]
  return isMark(start, '{') || isMark(start, '*') ? from(tokens, at + 1, typeOnly) : undefined
}

/** The text after the next `from`; a list of names that ends otherwise is no import. */
function from(tokens: readonly Token[], start: number, typeOnly: boolean): Import | undefined {
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at]
    const next = tokens[at + 1]
    if (token === undefined || token.kind === 'text') return undefined
    if (isWord(token, 'from') && next?.kind === 'text') return { specifier: next.value, typeOnly, line: next.line }
    if (token.kind === 'mark' && !'{},*'.includes(token.value)) return undefined
    if (isMark(token, '}') && !isWord(next, 'from')) return undefined
  }
  return undefined
}

/** `import('x')` or `require('x')`; what is computed cannot be judged and is reported as such. */
function called(tokens: readonly Token[], at: number, typeOnly = false): Import | undefined {
  const [open, argument] = [tokens[at + 1], tokens[at + 2]]
  if (!isMark(open, '(') || argument === undefined) return undefined
  return { specifier: argument.kind === 'text' ? argument.value : '(computed)', typeOnly, line: argument.line }
}

function isWord(token: Token | undefined, value: string): boolean {
  return token?.kind === 'word' && token.value === value
}

function isMark(token: Token | undefined, value: string): boolean {
  return token?.kind === 'mark' && token.value === value
}
