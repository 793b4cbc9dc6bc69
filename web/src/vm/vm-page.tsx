import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { VmContextDetail } from '../../../src/client/index.ts'
import { RateChart } from '../charts/rate-chart.tsx'
import type { Live } from '../connection/live.ts'
import type { Route } from '../session/route.ts'
import { useChange } from '../ui/hooks.ts'
import { Icon } from '../ui/icon.tsx'
import { CbtChains } from './cbt-chains.tsx'
import { DiskTable } from './disk-table.tsx'
import { Facts } from './facts.tsx'
import { JobLog } from './job-log.tsx'
import { JobTable } from './job-table.tsx'
import { Missing } from './missing.tsx'
import { Panel } from './panel.tsx'
import { Stages } from './stages.tsx'
import { Summary } from './summary.tsx'
import { useCurve } from './use-curve.ts'
import { useLoaded } from './use-loaded.ts'
import { WhyPanel } from './why-panel.tsx'

interface Props {
  readonly live: Live
  readonly route: Extract<Route, { readonly page: 'vm' }>
  readonly back: string
}

const CHART_REMS = 13

export function VmPage({ live, route, back }: Props): JSX.Element {
  useChange(live.changed, live.ticked, live.linked)
  const { name, vcenter } = route
  useEffect(() => {
    scrollTo(0, 0)
    document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true })
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') location.hash = back
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [back])
  const detail = useLoaded(live, name, `${name}/${vcenter}`, () => live.client.rest.context(name, vcenter))
  const jobId = chosenJob(live, route, detail.value)
  return (
    <>
      <a class="back" href={back}>
        <Icon name="back" />
        Fleet
      </a>
      <Summary live={live} name={name} detail={detail.value} job={live.fleet.job(jobId)} />
      {detail.value === undefined ? (
        <Missing live={live} name={name} fault={detail.fault} />
      ) : (
        <>
          {detail.fault !== undefined && (
            <p class="notice tone-warn">What follows was read before; now: {detail.fault.message}</p>
          )}
          <Content live={live} name={name} detail={detail.value} jobId={jobId} />
        </>
      )}
    </>
  )
}

interface ContentProps {
  readonly live: Live
  readonly name: string
  readonly detail: VmContextDetail
  /** '' for none. */
  readonly jobId: string
}

function Content({ live, name, detail, jobId }: ContentProps): JSX.Element {
  const job = live.fleet.job(jobId)
  return (
    <div class="vm">
      <div class="vm-main">
        {jobId !== '' && <Course live={live} name={name} jobId={jobId} />}
        <DiskTable disks={detail.disks} job={job} isOld={live.truth.asOf !== undefined} />
        <JobTable live={live} detail={detail} jobId={jobId} />
        <CbtChains history={detail.cbt_history} />
      </div>
      <div class="vm-side">
        <WhyPanel live={live} job={job} jobId={jobId} />
        <Facts context={detail.context} now={live.serverNow} />
      </div>
      {jobId !== '' && <JobLog live={live} name={name} jobId={jobId} />}
    </div>
  )
}

/** How the job went: its rate and its stages. */
function Course({ live, name, jobId }: Omit<ContentProps, 'detail'>): JSX.Element {
  const { value, fault } = useLoaded(live, name, jobId, () => live.client.rest.history(jobId))
  const series = useCurve(live, jobId, value)
  return (
    <>
      <Panel title="Rate" note={`MiB/s of ${jobId}`}>
        {fault?.status === 404 ? (
          <p class="nothing">Nothing is kept of how this job went.</p>
        ) : (
          <RateChart label={`Rate of ${name}`} series={series} rems={CHART_REMS} />
        )}
        {fault !== undefined && fault.status !== 404 && <p class="notice tone-warn">{fault.message}</p>}
      </Panel>
      {value !== undefined && value.stages.length > 0 && <Stages history={value} now={live.shownAt} />}
    </>
  )
}

/** The job that the address names, else the one that runs, else the latest; '' where there never was one. */
function chosenJob(live: Live, { name, vcenter, job }: Props['route'], detail: VmContextDetail | undefined): string {
  if (job !== undefined) return job
  return live.fleet.jobNamed(name, vcenter)?.job_id ?? detail?.current_job?.id ?? detail?.job_history[0]?.id ?? ''
}
