import { useLayoutEffect, useReducer, useRef } from 'preact/hooks'
import type { Layout } from '../model/layout.ts'

/** Rows that are drawn beyond those in sight, so that a short way needs nothing new. */
const OVERSCAN = 5

/**
 * The rows to draw, `[first, after the last)`. After a leap only those in sight, and the others with the next frame: all at
 * once would be a task that is felt.
 */
export function useDrawn(layout: Layout, [from, to]: readonly [number, number]): readonly [number, number] {
  const [, again] = useReducer((count: number, _: undefined) => count + 1, 0)
  const drawn = useRef<readonly [number, number]>([0, 0])
  const whole = layout.between(from, to, OVERSCAN)
  const [first, end] = drawn.current
  const isLeap = whole[0] >= end || whole[1] <= first
  const now = isLeap ? layout.between(from, to, 0) : whole
  useLayoutEffect(() => {
    drawn.current = now
    if (!isLeap || (now[0] === whole[0] && now[1] === whole[1])) return undefined
    const frame = requestAnimationFrame(() => again(undefined))
    return () => cancelAnimationFrame(frame)
  })
  return now
}
