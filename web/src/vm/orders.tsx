import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Live } from '../connection/live.ts'
import { faultOf } from './use-loaded.ts'

interface Props {
  readonly live: Live
  readonly jobId: string
  /** Of the poller. */
  readonly state: string
}

/** Polling on and off by hand; what became of it is told where it was asked for. */
export function Orders({ live, jobId, state }: Props): JSX.Element {
  const [told, setTold] = useState<{ readonly text: string; readonly isBad: boolean }>()
  const [isBusy, setBusy] = useState(false)
  const order = async (ask: () => Promise<unknown>, done: string): Promise<void> => {
    setBusy(true)
    setTold(undefined)
    try {
      await ask()
      setTold({ text: done, isBad: false })
    } catch (error) {
      setTold({ text: refusal(error), isBad: true })
    } finally {
      setBusy(false)
    }
  }
  const { rest } = live.client
  const isIdle = state === 'paused' || state === 'suspended'
  return (
    <div class="orders">
      <button
        type="button"
        class={`button${isIdle ? ' primary' : ''}`}
        disabled={isBusy}
        onClick={() => void order(() => rest.startPolling(jobId), 'Asked for at once.')}
      >
        {isIdle ? 'Start polling' : 'Poll now'}
      </button>
      {!isIdle && (
        <button
          type="button"
          class="button"
          disabled={isBusy}
          onClick={() => void order(() => rest.stopPolling(jobId), 'Left alone until it is started again.')}
        >
          Stop polling
        </button>
      )}
      <p role="status" class={told?.isBad === true ? 'tone-bad' : 'muted'}>
        {told?.text}
      </p>
    </div>
  )
}

function refusal(error: unknown): string {
  const { status, message } = faultOf(error)
  if (status === 403) return 'This token may only read (403): orders need a token with the scope “operate”.'
  return message
}
