import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { Live, type Surroundings } from './connection/live.ts'
import { Login } from './session/login.tsx'
import { sentenceFor, tryToken } from './session/sign-in.ts'
import { forgetToken, keepToken, keptToken, tokenInFragment, type Stores } from './session/token.ts'
import { Shell } from './shell.tsx'

const STORES: Stores = { tab: sessionStorage, browser: localStorage }
/** Where the page lies, the OMA's API does: also behind a proxy that puts a path before it. */
const OMA_URL = new URL('.', location.href.replace(/[?#].*$/, '')).href.replace(/\/$/, '')

type Session =
  | { readonly name: 'out'; readonly fault: string | undefined }
  | { readonly name: 'in'; readonly token: string }

export function App(): JSX.Element {
  const [session, setSession] = useState<Session>(firstSession)
  useEffect(() => {
    const look = (): void => {
      const token = takeFragment()
      if (token !== undefined) setSession({ name: 'in', token })
    }
    addEventListener('hashchange', look)
    return () => removeEventListener('hashchange', look)
  }, [])
  const leave = (fault?: string): void => {
    forgetToken(STORES)
    setSession({ name: 'out', fault })
  }
  if (session.name === 'out') {
    const signIn = async (token: string, remember: boolean): Promise<void> => {
      await tryToken(OMA_URL, token)
      keepToken(STORES, token, remember)
      setSession({ name: 'in', token })
    }
    return <Login fault={session.fault} signIn={signIn} />
  }
  return <SignedIn key={session.token} token={session.token} leave={leave} />
}

function SignedIn({ token, leave }: { readonly token: string; readonly leave: (fault?: string) => void }): JSX.Element {
  const live = useMemo(
    () => new Live(surroundings(), token, (told) => void whyRefused(token, told).then(leave)),
    [token],
  )
  useEffect(() => () => live.close(), [live])
  return <Shell live={live} signOut={() => leave()} />
}

/** The socket tells that it was refused, REST tells why. */
async function whyRefused(token: string, told: string): Promise<string> {
  try {
    await tryToken(OMA_URL, token)
    return `The OMA takes this token, but did not let its stream in: ${told}.`
  } catch (error) {
    return error instanceof Error ? error.message : sentenceFor(error)
  }
}

function firstSession(): Session {
  const token = takeFragment() ?? keptToken(STORES)
  return token === undefined ? { name: 'out', fault: undefined } : { name: 'in', token }
}

/** A token does not stay in the address, where it would be read over a shoulder, or sent along with a link. */
function takeFragment(): string | undefined {
  const token = tokenInFragment(location.hash)
  if (token === undefined) return undefined
  history.replaceState(null, '', `${location.pathname}${location.search}#/`)
  keepToken(STORES, token, false)
  return token
}

function surroundings(): Surroundings {
  return {
    url: OMA_URL,
    now: () => Date.now(),
    frame: (work) => void requestAnimationFrame(work),
    every: (ms, work) => {
      const timer = setInterval(work, ms)
      return () => clearInterval(timer)
    },
    fetch: (...args) => fetch(...args),
  }
}
