/** The OMA service. */

import { DATABASE_METRICS } from './database.ts'
import { JOB_METRICS, LINK_METRICS, POLLING_METRICS } from './polling.ts'
import { SHARED_METRICS } from './shared.ts'
import { STREAM_METRICS } from './stream.ts'

/** What the runtime has to tell. */
export const RUNTIME_METRICS = { ...JOB_METRICS, ...POLLING_METRICS, ...LINK_METRICS, ...DATABASE_METRICS }

export const OMA_METRICS = { ...SHARED_METRICS, ...RUNTIME_METRICS, ...STREAM_METRICS }
