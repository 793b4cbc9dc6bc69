import t from 'tap'
import { startVma } from '../../src/compose-vma.ts'
import { startCli } from '../support/running-cli.ts'

async function vma(t: { teardown(handler: () => unknown): unknown }): Promise<string> {
  const service = await startVma(
    { host: '127.0.0.1', port: 0, tokens: [] },
    { clock: { now: Date.now }, onFault: (error) => console.error(error) },
  )
  t.teardown(() => service.close(100))
  return `http://127.0.0.1:${service.port}`
}

t.test('reports to a VMA under the keys it is given, and ends cleanly', async (t) => {
  const url = await vma(t)
  const cli = startCli(t, ['simulate', '--vma', url, '--keys', 'migration-vol-a,migration-vol-b', '--speedup', '2000'])
  await cli.line(/[1-9]\d* done/)
  for (const key of ['migration-vol-a', 'migration-vol-b']) {
    const answer = await fetch(`${url}/api/v1/progress/${key}`)
    t.equal(answer.status, 200)
    t.match(await answer.json(), { job_id: key })
  }
  t.equal((await fetch(`${url}/api/v1/progress/migration-vol-c`)).status, 404)
  cli.child.kill('SIGTERM')
  t.same(await cli.ended, { code: 0, signal: null })
  t.match(cli.lines.at(-1), / 0 refused {2}0 unanswered$/)
})

t.test('a VMA that is not there does not stop the fleet: what was lost is counted', async (t) => {
  const cli = startCli(t, [
    'simulate',
    '--vma',
    'http://127.0.0.1:1',
    '--jobs',
    '2',
    '--speedup',
    '5000',
    '--for',
    '2s',
  ])
  t.same(await cli.ended, { code: 0, signal: null })
  t.match(cli.lines.at(-1), / [1-9]\d* unanswered {2}last: /)
})

t.test('says what is wrong with its flags', async (t) => {
  const cli = startCli(t, ['simulate', '--vma', 'ftp://x', '--keys', 'a,a', '--seed', '-'])
  t.match(await cli.ended, { code: 64 })
  t.equal(cli.lines.filter((line) => line.startsWith('sightline: --')).length, 3)
})
