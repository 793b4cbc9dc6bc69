/** How a job went (API-3): its curve and its stages. */

import { Type, type Static } from 'typebox'
import { JOB_STATUSES } from '../words.ts'
import { bytes, count, numberOrNull, percent, text, timeOrNull, timeText } from './schema-words.ts'

const Point = Type.Object({
  at: timeText('When it was heard'),
  percent: percent('Percent of the bytes to move'),
  bytes_transferred: bytes('Moved'),
  rate_bps: numberOrNull('Mean since the point before; null at the first point and where a new run began'),
})

const Stage = Type.Object({
  stage: text('In the VMA’s own word'),
  status: Type.Enum([...JOB_STATUSES]),
  started_at: timeText('When it was first heard of'),
  ended_at: timeOrNull('null while it lasts'),
})

export const ProgressHistorySchema = Type.Object({
  job_id: text('Job id'),
  resolution_ms: count('Distance of the points in milliseconds; it doubles as the job grows older'),
  points: Type.Array(Point),
  stages: Type.Array(Stage),
  stages_dropped: count('Entries that did not fit; they are missing after the first'),
})
export type ProgressHistoryJson = Readonly<Static<typeof ProgressHistorySchema>>
