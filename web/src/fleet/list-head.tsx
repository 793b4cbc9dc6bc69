import type { JSX } from 'preact'
import type { Query, Sort } from '../model/query.ts'
import { Icon } from '../ui/icon.tsx'

interface Props {
  readonly query: Query
  readonly ask: (query: Query) => void
}

const COLUMNS: readonly (readonly [sort: Sort, word: string, name: string])[] = [
  ['name', 'VM', 'name'],
  ['attention', 'Verdict', 'state'],
  ['progress', 'Progress', 'bar'],
  ['speed', 'Speed', 'speed'],
  ['eta', 'Time left', 'eta'],
]

/** Column heads that sort; clicked again they turn the order round. */
export function ListHead({ query, ask }: Props): JSX.Element {
  return (
    <div class="list-head" role="rowgroup">
      <div class="row-head" role="row" aria-rowindex={1}>
        {COLUMNS.map(([sort, word, name]) => {
          const isChosen = query.sort === sort
          const order = query.descending ? 'descending' : 'ascending'
          return (
            <div key={sort} class={`cell-${name}`} role="columnheader" aria-sort={isChosen ? order : 'none'}>
              <button
                type="button"
                class={`head${isChosen ? ' is-chosen' : ''}${isChosen && query.descending ? ' is-turned' : ''}`}
                onClick={() => ask({ ...query, sort, descending: isChosen ? !query.descending : false })}
              >
                {word}
                <Icon name="arrow" />
              </button>
            </div>
          )
        })}
      </div>
    </div>
  )
}
