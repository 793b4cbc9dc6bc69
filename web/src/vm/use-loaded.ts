import { useEffect, useState } from 'preact/hooks'
import { ApiError } from '../../../src/client/index.ts'
import type { Live } from '../connection/live.ts'

export interface Fault {
  /** undefined: no answer at all. */
  readonly status: number | undefined
  readonly message: string
}

export interface Loaded<T> {
  readonly value: T | undefined
  /** Of the last attempt; what was there before stays. */
  readonly fault: Fault | undefined
}

const AGAIN_TICKS = 20
const SOON_TICKS = 2

/**
 * What REST tells: read at first, soon after something happened to the VM, when the connection is back, and every 20 s.
 * `key`: what is asked for; with another one everything is anew.
 */
export function useLoaded<T>(live: Live, vmName: string, key: string, ask: () => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T> & { readonly key: string }>()
  useEffect(() => {
    const state = { inTicks: 0, isAsking: false, isOver: false, wasLive: true }
    const load = async (): Promise<void> => {
      state.isAsking = true
      state.inTicks = AGAIN_TICKS
      const result = await ask().then(
        (value) => ({ value, fault: undefined }),
        (error: unknown) => ({ fault: faultOf(error) }),
      )
      state.isAsking = false
      if (state.isOver) return
      setLoaded((before) => ({ key, value: before?.key === key ? before.value : undefined, ...result }))
    }
    const hear = (event: { readonly vm_name: string }): void => {
      if (event.vm_name === vmName) state.inTicks = Math.min(state.inTicks, SOON_TICKS)
    }
    live.told.add(hear)
    const stop = live.ticked.on(() => {
      const isLive = live.truth.name === 'live'
      if (isLive && !state.wasLive) state.inTicks = 0
      state.wasLive = isLive
      state.inTicks -= 1
      if (state.inTicks <= 0 && !state.isAsking && isLive) void load()
    })
    void load()
    return () => {
      state.isOver = true
      live.told.delete(hear)
      stop()
    }
  }, [live, vmName, key])
  return loaded?.key === key ? loaded : { value: undefined, fault: undefined }
}

export function faultOf(error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error)
  return { status: error instanceof ApiError ? error.status : undefined, message }
}
