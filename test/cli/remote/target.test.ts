import t from 'tap'
import { Rest } from '../../../src/client/rest.ts'
import { standingOf, type Standing } from '../../../src/cli/remote/target.ts'

/** An OMA that has forgotten the live job: its history and its log remain. */
async function standing(status: string, lastError: string): Promise<Standing> {
  const answers: Readonly<Record<string, object>> = {
    '/api/v1/progress/job-1/history': { stages: [{ status, ended_at: '2026-09-05T15:00:00Z' }] },
    '/api/v1/progress/job-1/log?limit=1&level=ERROR': { events: lastError === '' ? [] : [{ message: lastError }] },
  }
  const rest = new Rest({
    url: 'http://oma',
    fetch: async (input) => {
      const { pathname, search } = new URL(new Request(input).url)
      const answer = answers[pathname + search]
      return Response.json(answer ?? { error: 'job not found' }, { status: answer === undefined ? 404 : 200 })
    },
  })
  return await standingOf(rest, { kind: 'job', id: 'job-1' }, new Map())
}

t.test('[CLI-4] a job that left the memory: lost is told from failed by its log', async (t) => {
  t.match(await standing('completed', ''), { name: 'completed', code: 0 })
  t.match(await standing('failed', 'disk full'), { name: 'failed', code: 1 })
  t.match(await standing('failed', ''), { name: 'failed', code: 1 })
  t.match(await standing('failed', 'VMA communication timeout exceeded (5m)'), { name: 'lost', code: 2 })
})
