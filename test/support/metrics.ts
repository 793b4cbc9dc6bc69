/** `/metrics` as Prometheus reads it. */

export class Scrape {
  readonly text: string
  readonly #samples = new Map<string, number>()

  constructor(text: string) {
    this.text = text
    for (const line of text.split('\n')) {
      const [, series, value] = /^([^#\s][^ ]*(?:\{.*\})?) (\S+)$/.exec(line) ?? []
      if (series !== undefined) this.#samples.set(series, Number(value))
    }
  }

  static async of(url: string, token = ''): Promise<Scrape> {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
    const answer = await fetch(`${url}/metrics`, { headers })
    if (!answer.ok) throw new Error(`${url}/metrics answers ${answer.status}`)
    return new Scrape(await answer.text())
  }

  /** `name` or `name{label="value"}`, labels in the order of the table; undefined: no such series. */
  value(series: string): number | undefined {
    return this.#samples.get(series)
  }

  /** Over all series of a metric that have this text in their labels. */
  sum(name: string, having = ''): number {
    let sum = 0
    for (const [series, value] of this.#samples) {
      if ((series === name || series.startsWith(`${name}{`)) && series.includes(having)) sum += value
    }
    return sum
  }

  /** Names of all metrics, as their TYPE lines tell them. */
  get names(): readonly string[] {
    return Array.from(this.text.matchAll(/^# TYPE (\S+)/gm), ([, name = '']) => name)
  }

  /** Every value of every label. */
  get labelValues(): ReadonlySet<string> {
    const values = Array.from(this.text.matchAll(/[{,]\w+="((?:[^"\\]|\\.)*)"/g), ([, value = '']) => value)
    return new Set(values)
  }

  /** How many series of ours there are; those of the process come and go. */
  get size(): number {
    return [...this.#samples.keys()].filter((series) => series.startsWith('sightline_')).length
  }
}
