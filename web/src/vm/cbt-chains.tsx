import type { JSX } from 'preact'
import type { CbtHistoryJson } from '../../../src/model/wire/vm-contexts.ts'
import { formatBytes } from '../format/amounts.ts'
import { formatMoment, timeOf } from '../format/times.ts'
import { chainsOf, type Chain, type ChainLink, type LinkKind } from '../model/cbt-chain.ts'
import type { Tone } from '../model/state.ts'
import { Icon } from '../ui/icon.tsx'
import { Panel } from './panel.tsx'

/** The change ids that each sync began and ended at, newest first, with a mark where one does not follow. */
export function CbtChains({ history }: { readonly history: readonly CbtHistoryJson[] }): JSX.Element {
  const chains = chainsOf(history)
  return (
    <Panel title="Changed blocks" note="newest first">
      {chains.length === 0 && <p class="nothing">No sync has been recorded.</p>}
      {chains.map((chain) => (
        <DiskChain key={chain.diskId} chain={chain} />
      ))}
    </Panel>
  )
}

function DiskChain({ chain }: { readonly chain: Chain }): JSX.Element {
  return (
    <div class="chain" data-broken={chain.isBroken}>
      <h3>
        {chain.diskId}
        {chain.isBroken && (
          <span class="badge tone-bad">
            <Icon name="unplugged" />
            Chain breaks
          </span>
        )}
      </h3>
      <ol reversed>
        {chain.links.toReversed().map((link) => (
          <Link key={link.sync.id} link={link} />
        ))}
      </ol>
    </div>
  )
}

const KINDS: Readonly<Record<LinkKind, readonly [word: string, tone: Tone]>> = {
  start: ['chain begins', 'quiet'],
  holds: ['follows', 'good'],
  breaks: ['does not follow', 'bad'],
  restart: ['begins anew', 'quiet'],
  untold: ['no change id kept', 'quiet'],
}

function Link({ link: { sync, kind } }: { readonly link: ChainLink }): JSX.Element {
  const [word, tone] = KINDS[kind]
  const at = timeOf(sync.created_at)
  return (
    <li class={`link tone-${sync.sync_success ? tone : 'bad'}`} data-link={kind}>
      <span class="link-what">
        {sync.sync_type} · {word}
        {!sync.sync_success && ' · failed'}
      </span>
      <code class="link-id">
        {kind === 'untold' ? '' : `${named(sync.previous_change_id)} → ${named(sync.change_id)}`}
      </code>
      <span class="muted nums">
        {formatBytes(sync.bytes_transferred)}
        {at !== undefined && `, ${formatMoment(at, Date.now())}`}
      </span>
    </li>
  )
}

function named(changeId: string): string {
  return changeId === '' ? 'none' : changeId
}
