/**
 * `/metrics` of a service (MET-1): everything is read at the scrape, at once, so that the hot paths pay nothing for it. The
 * numbers stay where they are counted; prom-client checks names and labels and writes the text.
 */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type Metric } from 'prom-client'
import type { BucketCounts } from '../buckets.ts'
import type { MetricLine, MetricTable, Reading, Readings } from './table.ts'

declare module 'prom-client' {
  interface Histogram<T extends string = string> {
    /** What the registry writes from; its types know only `get`, which asks for the same. */
    getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<T>>>
  }
}

export class ServiceMetrics<Table extends MetricTable> {
  readonly contentType: string = Registry.PROMETHEUS_CONTENT_TYPE
  readonly #registry = new Registry()
  readonly #read: () => Readings<Table>
  #readings: Readonly<Record<string, Reading>> = {}

  constructor(table: Table, read: () => Readings<Table>) {
    this.#read = read
    for (const [name, line] of Object.entries(table)) this.#add(name, line)
    processMetrics()
  }

  /** The text format of Prometheus. */
  async scrape(): Promise<string> {
    this.#readings = this.#read()
    const [own, ofProcess] = await Promise.all([this.#registry.metrics(), processMetrics().metrics()])
    return `${own}\n${ofProcess}`
  }

  #add(name: string, line: MetricLine): void {
    this.#registry.registerMetric(metricOf(name, line, () => this.#readings[name] ?? 0))
  }
}

function metricOf(name: string, { type, help, labels }: MetricLine, reading: () => Reading): Metric {
  const options = { name, help, labelNames: Object.keys(labels), registers: [] }
  if (type === 'histogram') return new BucketHistogram({ ...options, reading })
  if (type === 'gauge') {
    return new Gauge({
      ...options,
      collect() {
        this.reset()
        for (const [labels, value] of samplesOf(reading())) this.set(labels, value)
      },
    })
  }
  return new Counter({
    ...options,
    collect() {
      this.reset()
      for (const [labels, value] of samplesOf(reading())) this.inc(labels, value)
    },
  })
}

function samplesOf(reading: Reading): readonly (readonly [Record<string, string>, number])[] {
  if (typeof reading === 'number') return [[{}, reading]]
  return 'bounds' in reading ? [] : reading
}

/** Its buckets are counted elsewhere (buckets.ts); cumulative, as the text format has them. */
class BucketHistogram extends Histogram {
  readonly #name: string
  readonly #reading: () => Reading

  constructor({ name, help, reading }: { name: string; help: string; reading: () => Reading }) {
    super({ name, help, registers: [] })
    this.#name = name
    this.#reading = reading
  }

  override async getForPromString(): ReturnType<Histogram['get']> {
    const told = await super.getForPromString()
    const reading = this.#reading()
    return typeof reading === 'object' && 'bounds' in reading
      ? { ...told, values: cumulative(this.#name, reading) }
      : told
  }
}

type HistogramValues = Awaited<ReturnType<Histogram['get']>>['values']

function cumulative(name: string, { bounds, counts, sum }: BucketCounts): HistogramValues {
  let below = 0
  const buckets = [...bounds, '+Inf'].map((le, at) => {
    below += counts[at] ?? 0
    return { metricName: `${name}_bucket`, labels: { le }, value: below }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: below },
  ]
}

let ofProcess: Registry | undefined

/** CPU, memory, descriptors, garbage collection: once a process, as each set of them brings timers and observers of its own. */
function processMetrics(): Registry {
  if (ofProcess !== undefined) return ofProcess
  ofProcess = new Registry()
  collectDefaultMetrics({ register: ofProcess })
  return ofProcess
}
