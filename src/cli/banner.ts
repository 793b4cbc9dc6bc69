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
  const [job, vm, key] = [sample.jobId, sample.vmName, sample.key].map(encodeURIComponent)
  const oma = `curl -H "Authorization: Bearer $TOKEN" ${omaUrl}`
  return [
    `sightline demo   VMA ${vmaUrl}   OMA ${omaUrl}`,
    // The page takes the token out of the address at once; a fragment is not sent to any server.
    `  dashboard ${omaUrl}/#token=${token}`,
    ...place.notes.map((note) => `  note: ${note}`),
    `  database ${place.database}`,
    `  log      ${place.folder}/sightline.log ${place.kept ? '(kept)' : '(the folder is removed at the end)'}`,
    '  in another terminal:',
    // The names that docs/api.md uses.
    `    export OMA=${omaUrl} VMA=${vmaUrl} TOKEN=${token}`,
    // Those of the commands below and beside them: sightline watch, jobs, job …
    '    export OMA_URL=$OMA OMA_TOKEN=$TOKEN',
    `    export JOB=${job} VM=${vm} EXPORT=${key}`,
    `    ${oma}/api/v1/progress`,
    `    ${oma}/api/v1/progress/${job}`,
    `    ${oma}/api/v1/vm-contexts`,
    `    ${oma}/api/v1/vm-contexts/${vm}`,
    `    curl ${vmaUrl}/api/v1/progress/${key}`,
    '',
  ]
}
