import type { JSX, TargetedInputEvent, TargetedSubmitEvent } from 'preact'
import { useState } from 'preact/hooks'
import { Icon } from '../ui/icon.tsx'
import { ThemeButton } from '../ui/theme-button.tsx'

interface Props {
  /** Why there is no way in with the token of before. */
  readonly fault: string | undefined
  /** Rejects with a sentence for people. */
  readonly signIn: (token: string, remember: boolean) => Promise<void>
}

export function Login({ fault, signIn }: Props): JSX.Element {
  const [told, setTold] = useState(fault)
  const [isBusy, setBusy] = useState(false)
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const fields = new FormData(form)
    const token = fields.get('token')
    if (typeof token !== 'string' || token.trim() === '') return setTold('Enter a token first.')
    setBusy(true)
    setTold(undefined)
    try {
      await signIn(token.trim(), fields.has('remember'))
    } catch (error) {
      setTold(error instanceof Error ? error.message : String(error))
      setBusy(false)
    }
  }
  const onSubmit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    void submit(event.currentTarget)
  }
  return (
    <main class="login" id="main">
      <form class="login-card" onSubmit={onSubmit}>
        <div class="login-head">
          <h1 class="brand">
            <Icon name="play" />
            Sightline
          </h1>
          <ThemeButton />
        </div>
        <p class="lead">Live progress of VMware to OSSEA migrations.</p>
        {told !== undefined && (
          <p class="notice tone-bad" role="alert" id="login-fault">
            <Icon name="cross" />
            <span>{told}</span>
          </p>
        )}
        <Fields isFaulty={told !== undefined} />
        <button type="submit" class="button primary" disabled={isBusy}>
          {isBusy ? 'Asking the OMA…' : 'Sign in'}
        </button>
        <p class="hint">
          A token is one of <code>OMA_API_TOKENS</code> or <code>OMA_READ_TOKENS</code>, or a JWT that the OMA trusts.
          The demo prints one.
        </p>
      </form>
    </main>
  )
}

function Fields({ isFaulty }: { readonly isFaulty: boolean }): JSX.Element {
  const [isShown, setShown] = useState(false)
  const [text, setText] = useState('')
  const input = {
    name: 'token',
    value: text,
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => setText(event.currentTarget.value),
    autocomplete: 'current-password',
    autocapitalize: 'off',
    spellcheck: false,
    required: true,
    'aria-invalid': isFaulty,
    'aria-describedby': isFaulty ? 'login-fault' : undefined,
  } as const
  return (
    <>
      <label class="field">
        <span>Access token</span>
        <span class="token-line">
          {isShown ? <input type="text" {...input} /> : <input type="password" {...input} />}
          <button type="button" class="button quiet" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
            {isShown ? 'Hide' : 'Show'}
          </button>
        </span>
      </label>
      <label class="check">
        <input name="remember" type="checkbox" />
        <span>
          Remember in this browser
          <small>Otherwise the token is forgotten with this tab.</small>
        </span>
      </label>
    </>
  )
}
