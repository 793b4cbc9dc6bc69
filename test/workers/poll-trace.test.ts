import fc from 'fast-check'
import t from 'tap'
import { parseTraceparent } from '../../src/model/trace.ts'
import { SpanHeaders, tracePrefix } from '../../src/workers/poll-trace.ts'
import { ScriptedVma } from '../fakes/scripted-vma.ts'
import { pollRig } from '../support/poll-rig.ts'

const TRACE = '5f1d6a0c2f6f1b105f1d6a0c2f6f1b10'
const OTHER = 'a'.repeat(32)

const parsed = (header: string): ReturnType<typeof parseTraceparent> =>
  parseTraceparent(/^traceparent: (.*)\r\n$/.exec(header)?.[1] ?? '')

t.test('[TRACE-2] every header is a traceparent of its trace, with a span of its own', async (t) => {
  const spans = new SpanHeaders('0badcafe')
  const seen = new Set<string>()
  for (let i = 0; i < 1_000; i += 1) {
    const of = i % 2 === 0 ? TRACE : OTHER
    const parent = parsed(spans.next(tracePrefix(of)))
    t.equal(parent?.traceId, of)
    seen.add(parent?.spanId ?? '')
  }
  t.equal(seen.size, 1_000)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), (seed) => {
      const headers = new SpanHeaders(seed.toString(16).padStart(8, '0'))
      return parsed(headers.next(tracePrefix(TRACE)))?.traceId === TRACE
    }),
  )
})

t.test('[TRACE-2] the requests of a job’s polls carry its trace; a job without one carries none', async (t) => {
  const heard: (string | undefined)[] = []
  const vma = await ScriptedVma.start({
    fallback: () => (response) => {
      const { traceparent } = response.req.headers
      heard.push(typeof traceparent === 'string' ? traceparent : undefined)
      response.writeHead(404).end('{"error":"job not found"}')
    },
  })
  const rig = await pollRig(t, {}, vma)
  rig.track({ disks: 2, traceId: TRACE })
  t.equal(await rig.code(), 'not_found')
  // Both exports, then the job id.
  t.equal(heard.length, 3)
  const parents = heard.map((text) => parseTraceparent(text ?? ''))
  t.same(
    parents.map((parent) => parent?.traceId),
    [TRACE, TRACE, TRACE],
  )
  t.equal(new Set(parents.map((parent) => parent?.spanId)).size, 3)
  rig.track({ slot: 1, jobId: 'job-of-no-trace' })
  await rig.code(1)
  t.same(heard.slice(3), [undefined, undefined])
})
