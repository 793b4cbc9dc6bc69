import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

interface Focus {
  readonly key: string | undefined
  readonly follow: (target: EventTarget | null) => void
  readonly step: (by: number) => void
}

/** The keyboard's row is a VM and not a place: a new order leaves the focus where it is. */
export function useFocus(
  body: RefObject<HTMLDivElement | null>,
  keys: readonly string[],
  places: ReadonlyMap<string, number>,
  last: { current: string | undefined },
): Focus {
  const [key, setKey] = useState(last.current)
  // Coming back from a VM's page; a search that finds something again must not lose its focus.
  const wanted = useRef(isFocusFree() ? last.current : undefined)
  const known = key !== undefined && places.has(key) ? key : keys[0]
  useLayoutEffect(() => {
    if (wanted.current === undefined || !places.has(wanted.current)) return void (wanted.current = undefined)
    const row = body.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(wanted.current)}"]`)
    row?.focus({ preventScroll: true })
    row?.scrollIntoView({ block: 'nearest' })
    if (row !== null) wanted.current = undefined
  })
  useEffect(() => {
    if (key !== undefined && !places.has(key)) setKey(undefined)
  }, [key, places])
  // At once: the list may be left before it is drawn again.
  const moveTo = (to: string | undefined): void => {
    last.current = to
    setKey(to)
  }
  return {
    key: known,
    follow: (target) => {
      const row = target instanceof Element ? target.closest<HTMLElement>('[data-key]') : null
      const found = row?.dataset['key']
      if (found !== undefined && found !== key) moveTo(found)
    },
    step: (by) => {
      const at = places.get(known ?? '') ?? 0
      const next = keys[Math.min(keys.length - 1, Math.max(0, at + by))]
      wanted.current = next
      moveTo(next)
    },
  }
}

function isFocusFree(): boolean {
  const { activeElement } = document
  return activeElement === null || activeElement === document.body || activeElement.id === 'main'
}
