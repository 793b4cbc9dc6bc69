/** The dashboard for who migrates: how the jobs go. */

import { dashboardJson, type Panel } from './panels.ts'

const OMA = 'instance=~"$instance"'

/** Numbers of the head line. */
const NOW: readonly Panel[] = [
  {
    title: 'Jobs',
    description: 'Jobs that are followed now.',
    kind: 'stat',
    unit: 'short',
    queries: [{ expr: `sum(sightline_active_jobs{${OMA}})`, legend: 'jobs' }],
  },
  {
    title: 'Throughput',
    description: 'Speeds of all jobs, added. 0 while jobs run: look at the verdicts.',
    kind: 'stat',
    unit: 'binBps',
    decimals: 1,
    queries: [{ expr: `sum(sightline_fleet_throughput_bytes_per_second{${OMA}})`, legend: 'throughput' }],
  },
  {
    title: 'Progress',
    description: 'Bytes moved of the bytes to move, over the jobs that are followed now.',
    kind: 'gauge',
    unit: 'percentunit',
    queries: [
      {
        expr: `sum(sightline_fleet_transferred_bytes{${OMA}}) / clamp_min(sum(sightline_fleet_planned_bytes{${OMA}}), 1)`,
        legend: 'progress',
      },
    ],
  },
  {
    title: 'Last arrival',
    description: 'Until the last of the jobs with a known ETA is done. No value: no job has one.',
    kind: 'stat',
    unit: 's',
    queries: [{ expr: `max(sightline_fleet_eta_seconds{${OMA}})`, legend: 'ETA' }],
  },
  {
    title: 'In trouble',
    description: 'Jobs that are stalled, silent, suspended, or whose VMA cannot be reached.',
    kind: 'stat',
    unit: 'short',
    warn: 1,
    alarm: 10,
    queries: [
      {
        expr: `sum(sightline_job_verdicts{${OMA}, verdict=~"stalled|source_silent|suspended|vma_unreachable"})`,
        legend: 'jobs',
      },
    ],
  },
  {
    title: 'Failed in 24 h',
    description: 'Jobs that ended as failed within a day, by the VMA’s word or for want of contact.',
    kind: 'stat',
    unit: 'short',
    decimals: 0,
    warn: 1,
    alarm: 5,
    queries: [{ expr: `sum(increase(sightline_job_ends_total{${OMA}, status="failed"}[24h]))`, legend: 'failed' }],
  },
]

const JOBS: readonly Panel[] = [
  {
    title: 'Jobs by status',
    description: 'Statuses as replication_jobs has them.',
    kind: 'timeseries',
    unit: 'short',
    stacked: true,
    queries: [{ expr: `sum by (status) (sightline_active_jobs{${OMA}})`, legend: '{{status}}' }],
  },
  {
    title: 'Verdicts',
    description:
      'What the jobs are doing (VERDICT-1). stalled: updates come, bytes do not. source_silent: migratekit says nothing.',
    kind: 'timeseries',
    unit: 'short',
    stacked: true,
    queries: [
      { expr: `sum by (verdict) (sightline_job_verdicts{${OMA}, verdict!="finished"})`, legend: '{{verdict}}' },
    ],
  },
]

const BYTES: readonly Panel[] = [
  {
    title: 'Throughput',
    description: 'Speeds of all jobs, added; MiB/s.',
    kind: 'timeseries',
    unit: 'binBps',
    queries: [
      { expr: `sum by (instance) (sightline_fleet_throughput_bytes_per_second{${OMA}})`, legend: '{{instance}}' },
    ],
  },
  {
    title: 'Bytes',
    description: 'Of the jobs that are followed now: both fall when jobs end.',
    kind: 'timeseries',
    unit: 'bytes',
    queries: [
      { expr: `sum(sightline_fleet_transferred_bytes{${OMA}})`, legend: 'moved' },
      { expr: `sum(sightline_fleet_planned_bytes{${OMA}})`, legend: 'to move' },
    ],
  },
  {
    title: 'Time left',
    description: 'ETA of the last job to arrive. Without a value: not known, which is not 0.',
    kind: 'timeseries',
    unit: 's',
    queries: [{ expr: `max(sightline_fleet_eta_seconds{${OMA}})`, legend: 'last arrival' }],
  },
]

const ENDS: readonly Panel[] = [
  {
    title: 'Ends an hour',
    description: 'How jobs end. contact_timeout: nobody heard of them; inferred: they vanished when all but over.',
    kind: 'timeseries',
    unit: 'short',
    stacked: true,
    queries: [
      {
        expr: `sum by (status, cause) (increase(sightline_job_ends_total{${OMA}}[1h]))`,
        legend: '{{status}} ({{cause}})',
      },
    ],
  },
  {
    title: 'Jobs without an ETA',
    description: 'Set-up, closing, stalled, or too short a time to know a rate.',
    kind: 'timeseries',
    unit: 'short',
    queries: [{ expr: `sum(sightline_fleet_eta_unknown_jobs{${OMA}})`, legend: 'jobs' }],
  },
]

const VMAS: readonly Panel[] = [
  {
    title: 'VMAs',
    description:
      '1: reached. 0: its jobs are held until it answers. A VMA without jobs is not asked, and stays as it was.',
    kind: 'timeseries',
    unit: 'short',
    queries: [{ expr: `min by (vma) (sightline_vma_up{${OMA}, vma=~"$vma"})`, legend: '{{vma}}' }],
  },
  {
    title: 'Jobs by VMA',
    description: 'Jobs that are followed through each VMA.',
    kind: 'timeseries',
    unit: 'short',
    stacked: true,
    queries: [{ expr: `sum by (vma) (sightline_vma_followed_jobs{${OMA}, vma=~"$vma"})`, legend: '{{vma}}' }],
  },
]

export function fleetDashboard(): string {
  return dashboardJson({
    uid: 'sightline-fleet',
    title: 'Sightline: fleet',
    description: 'How the migrations go: jobs, verdicts, bytes, ends. The services themselves: Sightline: service.',
    variables: [
      { name: 'instance', label: 'OMA', query: 'label_values(sightline_active_jobs, instance)' },
      { name: 'vma', label: 'VMA', query: 'label_values(sightline_vma_up, vma)' },
    ],
    rows: [
      { title: 'Now', height: 5, panels: NOW },
      { title: 'Jobs', height: 9, panels: JOBS },
      { title: 'Bytes', height: 8, panels: BYTES },
      { title: 'Ends', height: 8, panels: ENDS },
      { title: 'VMAs', height: 7, panels: VMAS },
    ],
  })
}
