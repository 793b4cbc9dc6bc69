import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { SORTS, type Query, type Sort } from '../model/query.ts'
import { spoken } from '../model/state.ts'
import { Icon } from '../ui/icon.tsx'

interface Props {
  readonly query: Query
  readonly ask: (query: Query) => void
  readonly statuses: readonly string[]
}

const SORT_WORDS: Readonly<Record<Sort, string>> = {
  attention: 'what needs attention',
  name: 'name',
  progress: 'percent',
  moved: 'bytes moved',
  speed: 'speed',
  eta: 'time left',
}

export function Toolbar({ query, ask, statuses }: Props): JSX.Element {
  return (
    <div class="toolbar" role="search">
      <Search query={query} ask={ask} />
      <label class="select">
        <span>Status</span>
        <select value={query.status} onChange={(event) => ask({ ...query, status: event.currentTarget.value })}>
          <option value="">any</option>
          {(query.status === '' || statuses.includes(query.status) ? statuses : [query.status, ...statuses]).map(
            (status) => (
              <option key={status} value={status}>
                {spoken(status)}
              </option>
            ),
          )}
        </select>
      </label>
      <label class="select">
        <span>Sort by</span>
        <select
          value={query.sort}
          onChange={(event) => ask({ ...query, sort: event.currentTarget.value as Sort, descending: false })}
        >
          {SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {SORT_WORDS[sort]}
            </option>
          ))}
        </select>
      </label>
      <Direction query={query} ask={ask} />
    </div>
  )
}

function Direction({ query, ask }: Omit<Props, 'statuses'>): JSX.Element {
  const label = query.descending ? 'Descending; sort ascending' : 'Ascending; sort descending'
  return (
    <button
      type="button"
      class={`icon-button framed${query.descending ? ' is-turned' : ''}`}
      aria-label={label}
      title={label}
      onClick={() => ask({ ...query, descending: !query.descending })}
    >
      <Icon name="arrow" />
    </button>
  )
}

/** `/` leads here from everywhere. */
function Search({ query, ask }: Omit<Props, 'statuses'>): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || isTyping(event.target)) return
      event.preventDefault()
      input.current?.focus()
      input.current?.select()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return (
    <label class="search">
      <span class="unseen">Search by VM, vCenter or job</span>
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        placeholder="Search VM, vCenter or job"
        value={query.search}
        onInput={(event) => ask({ ...query, search: event.currentTarget.value })}
        onKeyDown={(event) => onSearchKey(event, query, ask)}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  )
}

function onSearchKey(event: KeyboardEvent, query: Query, ask: (query: Query) => void): void {
  if (event.key === 'Escape' && query.search !== '') {
    event.preventDefault()
    ask({ ...query, search: '' })
  } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
    event.preventDefault()
    document.querySelector<HTMLElement>('.rows [tabindex="0"]')?.focus()
  }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, [contenteditable]')
}
