import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

/** CSS pixels. */
export interface Heights {
  readonly row: number
  readonly disk: number
  readonly gap: number
}

/** The style sheet says how high rows are, in its own units and for each width; three empty elements tell it in pixels. */
export function useHeights(probe: RefObject<HTMLDivElement | null>): Heights {
  const [heights, setHeights] = useState<Heights>({ row: 60, disk: 32, gap: 12 })
  useLayoutEffect(() => {
    const element = probe.current
    if (element === null) return undefined
    const measure = (): void => {
      const [row = 60, disk = 32, gap = 12] = [...element.children].map((child) => child.getBoundingClientRect().height)
      setHeights((before) =>
        before.row === row && before.disk === disk && before.gap === gap ? before : { row, disk, gap },
      )
    }
    measure()
    const observer = new ResizeObserver(measure)
    for (const child of element.children) observer.observe(child)
    return () => observer.disconnect()
  }, [])
  return heights
}
