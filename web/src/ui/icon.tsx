import type { JSX } from 'preact'
import type { Shape } from '../model/state.ts'

type Name = Shape | 'chevron' | 'search' | 'sun' | 'moon' | 'auto' | 'leave' | 'back' | 'arrow'

const PATHS: Readonly<Record<Name, string>> = {
  play: 'M5 3.5v9l7-4.5z',
  slow: 'M8 14A6 6 0 1 1 14 8M8 8l3-3',
  pause: 'M5 3.5v9M11 3.5v9',
  question: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.6M8 12.6v.1',
  unplugged: 'M2.5 13.5L5 11M11 5l2.5-2.5M6.5 4.5l5 5M5 6l5 5a2.5 2.5 0 0 1-4 .5L4.5 10A2.5 2.5 0 0 1 5 6z',
  stop: 'M4 4h8v8H4z',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6',
  tick: 'M3 8.5l3.3 3.5L13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  dot: 'M8 8.1v-.1',
  chevron: 'M6 3.5L10.5 8 6 12.5',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7L14 14',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z',
  auto: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 2v12M8 5h4.5M8 8h6M8 11h4.5',
  leave: 'M6 2.5H3v11h3M10.5 5l3 3-3 3M13 8H6.5',
  back: 'M10 3.5L5.5 8 10 12.5',
  arrow: 'M8 13V3M4 7l4-4 4 4',
}

/** Says nothing by itself: a word stands beside it, or the button that holds it has a name. */
export function Icon({ name }: { readonly name: Name }): JSX.Element {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}
