import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Banner } from './connection/banner.tsx'
import { Pill } from './connection/pill.tsx'
import type { Live } from './connection/live.ts'
import { FleetPage } from './fleet/fleet-page.tsx'
import { EVERYTHING, type Query } from './model/query.ts'
import { fleetHash } from './session/route.ts'
import { useRoute } from './session/use-route.ts'
import { useChange } from './ui/hooks.ts'
import { Icon } from './ui/icon.tsx'
import { ThemeButton } from './ui/theme-button.tsx'
import { VmPage } from './vm/vm-page.tsx'

interface Props {
  readonly live: Live
  readonly signOut: () => void
}

export function Shell({ live, signOut }: Props): JSX.Element {
  const route = useRoute()
  /** The row that was looked at last: whoever comes back from its page stands there again. */
  const lastKey = useRef<string>(undefined)
  const [query, setQuery] = useState<Query>(route.page === 'fleet' ? route.query : EVERYTHING)
  // The list keeps what was looked for while a VM is looked at.
  useEffect(() => {
    if (route.page === 'fleet') setQuery(route.query)
  }, [route])
  useEffect(() => {
    document.title = route.page === 'vm' ? `${route.name} · Sightline` : 'Sightline'
  }, [route])
  const ask = (next: Query): void => {
    setQuery(next)
    history.replaceState(null, '', fleetHash(next))
  }
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={fleetHash(query)} aria-label="Sightline: the whole fleet">
          <Icon name="play" />
          Sightline
        </a>
        <Pill live={live} />
        <ThemeButton />
        <button type="button" class="icon-button" aria-label="Sign out" title="Sign out" onClick={signOut}>
          <Icon name="leave" />
        </button>
      </header>
      <Banner live={live} />
      <Screen live={live}>
        {route.page === 'fleet' ? (
          <FleetPage live={live} query={query} ask={ask} lastKey={lastKey} />
        ) : (
          <VmPage key={`${route.name}/${route.vcenter}`} live={live} route={route} back={fleetHash(query)} />
        )}
      </Screen>
      <Spoken live={live} />
    </>
  )
}

/** While the connection is not live every number in it says so by its looks. */
function Screen({ live, children }: { readonly live: Live; readonly children: JSX.Element }): JSX.Element {
  useChange(live.linked, live.ticked, live.changed)
  const { name } = live.truth
  return (
    <main id="main" tabIndex={-1} class={name === 'reconnecting' || name === 'stale' ? 'is-old' : ''}>
      {children}
    </main>
  )
}

/** For those who listen: ends of jobs, at most one sentence each few seconds. */
function Spoken({ live }: { readonly live: Live }): JSX.Element {
  const [text, setText] = useState('')
  useEffect(() => {
    let ticks = 0
    return live.ticked.on(() => {
      ticks += 1
      const sentence = ticks % SPOKEN_TICKS === 0 ? live.news.take() : undefined
      if (sentence !== undefined) setText(sentence)
    })
  }, [live])
  return (
    <p class="unseen" role="log" aria-live="polite">
      {text}
    </p>
  )
}

const SPOKEN_TICKS = 4

/** The fragment holds the route: a jump must not replace it. */
function skipToMain(event: Event): void {
  event.preventDefault()
  document.querySelector<HTMLElement>('#main')?.focus()
}
