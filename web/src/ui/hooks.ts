import { useEffect, useReducer, useState } from 'preact/hooks'
import type { Emitter } from '../model/emitter.ts'

/** Draws the component anew whenever one of these tells a change. */
export function useChange(...emitters: readonly Emitter[]): void {
  const [, again] = useReducer((count: number, _: undefined) => count + 1, 0)
  useEffect(() => {
    const stops = emitters.map((emitter) => emitter.on(() => again(undefined)))
    return () => {
      for (const stop of stops) stop()
    }
  }, emitters)
}

export function useMedia(query: string): boolean {
  const [isSo, setSo] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const media = matchMedia(query)
    const look = (): void => setSo(media.matches)
    look()
    media.addEventListener('change', look)
    return () => media.removeEventListener('change', look)
  }, [query])
  return isSo
}
