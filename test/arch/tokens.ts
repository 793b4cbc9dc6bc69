/**
 * Splits TypeScript source into words, punctuation and texts, without comments and without the inside of regular
 * expressions: enough to find imports and test titles without a parser (TypeScript 7 has no JavaScript API).
 */

export interface Token {
  readonly kind: 'word' | 'text' | 'mark'
  /** Of a text: what stands between the quotes. A template's text is its raw pieces, `${…}` left out. */
  readonly value: string
  readonly line: number
}

/** After these words a slash starts a regular expression, not a division. */
const BEFORE_REGEX = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'delete',
  'void',
  'throw',
  'new',
  'else',
  'do',
  'await',
  'yield',
])

export function tokensOf(source: string): Token[] {
  return new Tokenizer(source).all()
}

class Tokenizer {
  readonly #source: string
  readonly #tokens: Token[] = []
  #at = 0
  #line = 1

  constructor(source: string) {
    this.#source = source
  }

  all(): Token[] {
    while (this.#at < this.#source.length) this.#next()
    return this.#tokens
  }

  #next(): void {
    const rest = this.#source.slice(this.#at, this.#at + 2)
    const char = rest.charAt(0)
    if (/\s/.test(char)) this.#skip(/\s+/y)
    else if (rest === '//') this.#skip(/\/\/[^\n]*/y)
    else if (rest === '/*') this.#skip(/\/\*[\s\S]*?(?:\*\/|$)/y)
    else if (char === "'") this.#quoted(/'((?:\\[\s\S]|[^'\\])*)'/y)
    else if (char === '"') this.#quoted(/"((?:\\[\s\S]|[^"\\])*)"/y)
    else if (char === '`') this.#template()
    else if (/[\w$#]/.test(char)) this.#push('word', this.#skip(/[\w$#]+/y))
    else if (char === '/' && this.#regexMayStart()) this.#regex()
    else this.#push('mark', this.#skip(/[\s\S]/y))
  }

  #push(kind: Token['kind'], value: string, line = this.#line): void {
    this.#tokens.push({ kind, value, line })
  }

  /** Moves past what the sticky expression matches. */
  #skip(expression: RegExp): string {
    expression.lastIndex = this.#at
    const text = expression.exec(this.#source)?.[0] ?? this.#source.charAt(this.#at)
    this.#at += text.length
    this.#line += text.split('\n').length - 1
    return text
  }

  #quoted(expression: RegExp): void {
    const line = this.#line
    this.#push('text', this.#skip(expression).slice(1, -1), line)
  }

  /** One text for the pieces; the code inside `${…}` gives tokens of its own, before it. */
  #template(): void {
    const line = this.#line
    let text = ''
    this.#skip(/`/y)
    while (this.#at < this.#source.length) {
      text += this.#skipPiece()
      if (this.#skip(/`|\$\{|$/y) !== '${') break
      this.#untilClosingBrace()
    }
    this.#push('text', text, line)
  }

  #skipPiece(): string {
    const piece = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y
    piece.lastIndex = this.#at
    return piece.exec(this.#source)?.[0] === '' ? '' : this.#skip(piece)
  }

  #untilClosingBrace(): void {
    for (let depth = 1; depth > 0 && this.#at < this.#source.length;) {
      this.#next()
      const last = this.#tokens.at(-1)
      if (last?.kind !== 'mark') continue
      if (last.value === '{') depth += 1
      if (last.value === '}') depth -= 1
    }
  }

  /** A slash divides after a value: a word, a text, `)` or `]`. After `}` a block has ended, most likely. */
  #regexMayStart(): boolean {
    const last = this.#tokens.at(-1)
    if (last === undefined) return true
    if (last.kind === 'word') return BEFORE_REGEX.has(last.value)
    return last.kind === 'mark' && last.value !== ')' && last.value !== ']'
  }

  #regex(): void {
    const isWhole = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/y
    isWhole.lastIndex = this.#at
    if (isWhole.test(this.#source)) this.#push('text', this.#skip(isWhole))
    else this.#push('mark', this.#skip(/\//y))
  }
}
