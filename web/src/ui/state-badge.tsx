import type { JSX } from 'preact'
import { STATES, type StateName } from '../model/state.ts'
import { Icon } from './icon.tsx'

export function StateBadge({ state }: { readonly state: StateName }): JSX.Element {
  const { word, tone, shape } = STATES[state]
  return (
    <span class={`badge tone-${tone}`}>
      <Icon name={shape} />
      <span class="badge-word">{word}</span>
    </span>
  )
}
