/** The lines of a job's log (API-8). */

import { Type, type Static } from 'typebox'
import { count, text, timeText } from './schema-words.ts'

const Event = Type.Object({
  ts: timeText('When it was logged'),
  level: text('DEBUG, INFO, WARN or ERROR; another writer’s own word stays'),
  message: text('A sentence'),
  attrs: Type.Object({}, { additionalProperties: true, description: 'What belongs to it' }),
})

export const JobLogSchema = Type.Object({
  job_id: text('Job id'),
  count: count('Of these lines'),
  events: Type.Array(Event, { description: 'The newest lines, the newest one last' }),
  details: Type.Optional(text('Why there can be no lines')),
})
export interface JobLogEventJson extends Omit<Static<typeof Event>, 'attrs'> {
  readonly attrs: Readonly<Record<string, unknown>>
}
export interface JobLogJson extends Readonly<Omit<Static<typeof JobLogSchema>, 'events'>> {
  readonly events: readonly JobLogEventJson[]
}
