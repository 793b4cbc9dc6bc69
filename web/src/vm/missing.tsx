import type { JSX } from 'preact'
import type { Live } from '../connection/live.ts'
import { vmHash } from '../session/route.ts'
import type { Fault } from './use-loaded.ts'

interface Props {
  readonly live: Live
  readonly name: string
  readonly fault: Fault | undefined
}

/** Why there is nothing about a VM (yet). */
export function Missing({ live, name, fault }: Props): JSX.Element {
  if (fault === undefined) return <p class="nothing">Asking the OMA…</p>
  if (fault.status === 404) return <p class="nothing">The OMA knows no VM of this name.</p>
  if (fault.status !== 409) return <p class="notice tone-bad">{fault.message}</p>
  const rows = [...live.fleet.rows.values()].filter((row) => row.name === name)
  return (
    <div class="nothing">
      <p>{fault.message}</p>
      <ul>
        {rows.map(({ key, vcenter }) => (
          <li key={key}>
            <a href={vmHash(name, vcenter)}>{vcenter}</a>
          </li>
        ))}
      </ul>
    </div>
  )
}
