import type { JSX } from 'preact'
import { grouped } from '../format/amounts.ts'
import { GROUPS, type Group, type Query } from '../model/query.ts'
import type { Shape, Tone } from '../model/state.ts'
import { Icon } from '../ui/icon.tsx'

interface Props {
  readonly counts: Readonly<Record<Group, number>>
  readonly query: Query
  readonly ask: (query: Query) => void
}

const LOOKS: Readonly<Record<Group, readonly [word: string, tone: Tone, shape: Shape, title: string]>> = {
  all: ['All VMs', 'quiet', 'dot', 'Every VM that the OMA knows'],
  running: ['Running', 'busy', 'clock', 'A job that is not over'],
  moving: ['Moving', 'busy', 'play', 'Bytes or set-up go on'],
  slow: ['Slow', 'warn', 'slow', 'Under a third of its usual rate'],
  stalled: ['Stalled', 'bad', 'pause', 'Updates come, no byte moves'],
  silent: ['No word', 'bad', 'question', 'Source silent, VMA unreachable, or not asked any more: the numbers are old'],
  waiting: ['Waiting', 'quiet', 'clock', 'Not begun, or not heard of yet'],
  failed: ['Failed', 'bad', 'cross', 'Its last job failed'],
}

/** How many do what; each narrows the list to those. */
export function Groups({ counts, query, ask }: Props): JSX.Element {
  return (
    <div class="groups" role="group" aria-label="Show only">
      {GROUPS.map((group) => {
        const [word, tone, shape, title] = LOOKS[group]
        const isChosen = query.group === group
        return (
          <button
            key={group}
            type="button"
            class={`group tone-${counts[group] === 0 ? 'quiet' : tone}`}
            aria-pressed={isChosen}
            title={title}
            data-group={group}
            onClick={() => ask({ ...query, group: isChosen ? 'all' : group })}
          >
            <span class="group-count nums">{grouped(counts[group])}</span>
            <span class="group-word">
              <Icon name={shape} />
              {word}
            </span>
          </button>
        )
      })}
    </div>
  )
}
