import type { JSX } from 'preact'
import type { VmContextJson } from '../../../src/model/wire/vm-contexts.ts'
import { formatBytes } from '../format/amounts.ts'
import { formatMoment, timeOf } from '../format/times.ts'
import { spoken } from '../model/state.ts'
import { Panel } from './panel.tsx'

const MIB = 1_048_576

export function Facts({ context, now }: { readonly context: VmContextJson; readonly now: number }): JSX.Element {
  const moment = (text: string | null): string => {
    const at = timeOf(text)
    return at === undefined ? '–' : formatMoment(at, now)
  }
  const facts: readonly (readonly [string, string])[] = [
    ['Status', spoken(context.current_status)],
    ['Since', moment(context.last_status_change)],
    ['vCenter', context.vcenter_host],
    ['Path', context.vm_path],
    ['Machine', `${context.cpu_count} CPU, ${formatBytes(context.memory_mb * MIB)}, ${context.os_type}`],
    ['Power', context.power_state],
    ['Jobs', `${context.total_jobs_run}: ${context.successful_jobs} completed, ${context.failed_jobs} failed`],
    ['Last job', moment(context.last_job_at)],
  ]
  return (
    <Panel title="VM">
      <dl class="facts nums">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value === '' ? '–' : value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  )
}
