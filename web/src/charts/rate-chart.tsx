import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { formatMibps } from '../format/amounts.ts'
import { formatClock } from '../format/times.ts'
import type { Series } from '../model/series.ts'
import { useMedia } from '../ui/hooks.ts'
import { useTheme } from '../ui/theme.ts'
import { describeRates } from './describe.ts'

interface Props {
  readonly label: string
  readonly series: Series
  /** In rem: it grows with the type. */
  readonly rems: number
  /** Epoch seconds that the chart spans at least; what the points span otherwise. */
  readonly from?: number
  readonly to?: number
}

/** Rates in MiB/s over time. For those who do not see it, a sentence says how it went. */
export function RateChart({ label, series, rems, from, to }: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const height = Math.round(rems * rem)
  const isDark = useMedia('(prefers-color-scheme: dark)')
  const theme = useTheme()
  useEffect(() => {
    const element = host.current
    if (element === null) return undefined
    const chart = new uPlot(options(element, height), [[], []], element)
    plot.current = chart
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      chart.destroy()
    }
  }, [height, isDark, theme])
  const count = series.times.length
  const last = series.times[count - 1]
  useEffect(() => {
    plot.current?.batch(() => {
      plot.current?.setData([[...series.times], [...series.rates]], false)
      const min = Math.min(from ?? Infinity, series.times[0] ?? Infinity)
      const max = Math.max(to ?? -Infinity, last ?? -Infinity)
      if (min < max) plot.current?.setScale('x', { min, max })
    })
  }, [series, count, last, from, to, height, isDark, theme])
  return (
    <div class="chart" role="img" aria-label={`${label}: ${describeRates(series)}`}>
      <div ref={host} class="chart-host" style={{ height: `${height}px` }} />
    </div>
  )
}

function options(element: HTMLElement, height: number): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string): string => resolved(element, name)
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const font = `${Math.round(rem * 0.75)}px ${style.fontFamily}`
  const axis = { stroke: colour('--muted'), font, ticks: { show: false }, labelFont: font }
  const grid = { stroke: colour('--line'), width: 1 }
  return {
    width: Math.max(1, element.clientWidth),
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [rem / 2, rem * 2, 0, 0],
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, niceMaximum(max)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: rem * 1.5,
        gap: 4,
        space: rem * 6,
        values: (_, splits) => clocksOf(splits),
      },
      {
        ...axis,
        grid,
        size: rem * 3.4,
        gap: 6,
        space: rem * 2,
        values: (_, splits) => splits.map((split) => formatMibps(split).replace(/\.0$/, '')),
        splits: (_, __, min, max) => [min, max / 2, max],
      },
    ],
    series: [
      {},
      { stroke: colour('--busy'), fill: colour('--busy-wash'), width: 2, points: { show: false }, spanGaps: false },
    ],
  }
}

/** With seconds only where they differ. */
function clocksOf(times: readonly number[]): string[] {
  const clocks = times.map((time) => formatClock(time * 1_000))
  return clocks.every((clock) => clock.endsWith(':00')) ? clocks.map((clock) => clock.slice(0, -3)) : clocks
}

const MIB = 1_048_576

/** The next of 1, 2, 4, 6, 8, 10 × 10ⁿ MiB/s: halves of them are whole. */
function niceMaximum(max: number | null): number {
  const mibps = Math.max(1, (max ?? 0) / MIB)
  const power = 10 ** Math.floor(Math.log10(mibps))
  const step = [1, 2, 4, 6, 8, 10].find((factor) => factor * power >= mibps) ?? 10
  return step * power * MIB
}

/** A canvas does not know custom properties, nor `light-dark()`: a property of the element does. */
function resolved(element: HTMLElement, name: string): string {
  const before = element.style.color
  element.style.color = `var(${name})`
  const colour = getComputedStyle(element).color
  element.style.color = before
  return colour
}
