import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

/** Which part of the list the window shows: from and to, in pixels from the list's top. */
export function useSight(body: RefObject<HTMLDivElement | null>): readonly [from: number, to: number] {
  const [sight, setSight] = useState<readonly [number, number]>([0, innerHeight])
  useLayoutEffect(() => {
    const look = (): void => {
      const top = body.current?.getBoundingClientRect().top ?? 0
      const [from, to] = [Math.max(0, -top), Math.max(0, innerHeight - top)]
      setSight((before) => (before[0] === from && before[1] === to ? before : [from, to]))
    }
    look()
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    const observer = new ResizeObserver(look)
    observer.observe(document.body)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
      observer.disconnect()
    }
  }, [])
  return sight
}
