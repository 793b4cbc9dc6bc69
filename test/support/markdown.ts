/** The fenced blocks of a document, and whether a real answer has the shape of the one that a document shows. */

export interface Block {
  readonly language: string
  readonly text: string
  /** Of its opening fence, from 1. */
  readonly line: number
}

export function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { readonly language: string; readonly line: number; readonly lines: string[] } | undefined
  for (const [i, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)$/.exec(line)?.[1]
    if (open === undefined) {
      if (fence !== undefined) open = { language: fence, line: i + 1, lines: [] }
    } else if (fence === '') {
      blocks.push({ language: open.language, line: open.line, text: open.lines.join('\n') })
      open = undefined
    } else open.lines.push(line)
  }
  if (open !== undefined) throw new Error(`the block of line ${open.line} has no end`)
  return blocks
}

/** What `real` lacks of `shown`: each key of it has to be there, with a value of the same JSON type. Empty: nothing. */
export function lacks(shown: unknown, real: unknown, at = 'the answer'): readonly string[] {
  if (kindOf(shown) !== kindOf(real)) return [`${at} is shown as ${kindOf(shown)} and is ${kindOf(real)}`]
  if (Array.isArray(shown)) {
    const entries: readonly unknown[] = Array.isArray(real) ? real : []
    return shown.flatMap((each, i) => lacks(each, entries[i], `${at}[${i}]`))
  }
  if (!isObject(shown) || !isObject(real)) return []
  return Object.entries(shown).flatMap(([key, value]) =>
    Object.hasOwn(real, key) ? lacks(value, real[key], `${at}.${key}`) : [`${at} has no ${key}`],
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
