/** "Did you mean": the nearest known name, when it is near enough to be meant. */

/** Levenshtein distance: single-character insertions, deletions and replacements. */
export function distance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[right.length] ?? 0
}

/** The nearest of `names`; undefined when more than a third of the word would have to change. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly cost: number } | undefined
  for (const name of names) {
    const cost = distance(word.toLowerCase(), name.toLowerCase())
    if (best === undefined || cost < best.cost) best = { name, cost }
  }
  return best !== undefined && best.cost <= Math.max(2, Math.floor(word.length / 3)) ? best.name : undefined
}

/** ` (did you mean X?)`, or nothing. */
export function suggestion(word: string, names: readonly string[]): string {
  const name = nearest(word, names)
  return name === undefined ? '' : ` (did you mean ${name}?)`
}
