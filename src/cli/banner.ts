/** What the demo says before anything moves: where everything is, and lines to paste into another terminal. */

import type { SampleJob } from './simulation-messages.ts'

export interface Place {
  readonly vmaUrl: string
  readonly omaUrl: string
  readonly token: string
  readonly folder: string
  readonly kept: boolean
  readonly database: string
  /** Things that are not as asked for, such as a port that was taken. */
  readonly notes: readonly string[]
  readonly sample: SampleJob
}

export function bannerLines(place: Place): readonly string[] {
  const { vmaUrl, omaUrl, token, sample } = place
  const oma = `curl -H "Authorization: Bearer $TOKEN" ${omaUrl}`
  return [
    `sightline demo   VMA ${vmaUrl}   OMA ${omaUrl}`,
    ...place.notes.map((note) => `  note: ${note}`),
    `  database ${place.database}`,
    `  log      ${place.folder}/sightline.log ${place.kept ? '(kept)' : '(the folder is removed at the end)'}`,
    '  in another terminal:',
    `    TOKEN=${token}`,
    `    ${oma}/api/v1/progress`,
    `    ${oma}/api/v1/progress/${encodeURIComponent(sample.jobId)}`,
    `    ${oma}/api/v1/vm-contexts`,
    `    ${oma}/api/v1/vm-contexts/${encodeURIComponent(sample.vmName)}`,
    `    curl ${vmaUrl}/api/v1/progress/${encodeURIComponent(sample.key)}`,
    '',
  ]
}
