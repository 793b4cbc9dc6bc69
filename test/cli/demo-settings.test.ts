import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { loadSettings, type Loaded, type Sources } from '../../config/load.ts'
import { demoSettings, type DemoSettings } from '../../src/cli/demo-settings.ts'

const PARTS = { file: '/tmp/x/sightline.db', token: 'for-this-run', intervalMs: null }

function load(sources: Sources): Extract<Loaded, { settings: unknown }> {
  const loaded = loadSettings(sources)
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults))
  return loaded
}

async function demoOf(sources: Sources): Promise<DemoSettings> {
  const { settings, origins } = load(sources)
  const demo = await demoSettings(settings, origins, PARTS)
  if ('problems' in demo) throw new Error(demo.problems.join())
  return demo
}

async function takenPort(t: { teardown(handler: () => unknown): unknown }): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

const FREE = { vmaHttpPort: '0', omaHttpPort: '0' }

t.test('a database of its own, a token of this run, the person’s other settings', async (t) => {
  const demo = await demoOf({ flags: { ...FREE, apiTokens: 'mine', pollIntervalMs: '3s' } })
  t.same(demo.settings.database, { dialect: 'sqlite', file: PARTS.file })
  t.same(demo.settings.apiTokens.length, 2)
  t.equal(demo.settings.apiTokens.at(-1), 'for-this-run')
  t.equal(demo.settings.pollIntervalMs, 3_000)
  t.same(demo.notes, [])
})

t.test('a DATABASE_URL in the environment is left alone, and the demo says so', async (t) => {
  const url = 'mysql://oma:secret@127.0.0.1:3306/migratekit_oma'
  const demo = await demoOf({ flags: FREE, env: { DATABASE_URL: url } })
  t.same(demo.settings.database, { dialect: 'sqlite', file: PARTS.file })
  t.match(demo.notes.join(), /^DATABASE_URL is left alone/)
  t.notMatch(demo.notes.join(), /secret/)
})

t.test('a database named by the command’s own flag is used, and its password is not shown', async (t) => {
  const demo = await demoOf({ flags: { ...FREE, database: 'mysql://oma:s%40cret@127.0.0.1:3307/trial' } })
  t.match(demo.settings.database, { dialect: 'mysql', port: 3_307, database: 'trial' })
  t.equal(demo.databaseAddress.url, 'mysql://oma:s%40cret@127.0.0.1:3307/trial')
  t.notMatch(demo.databaseShown, /cret/)
})

t.test('a port that was asked for and is taken is a problem, not another port', async (t) => {
  const port = await takenPort(t)
  const { settings, origins } = load({ flags: { ...FREE, omaHttpPort: String(port) } })
  t.match(await demoSettings(settings, origins, PARTS), { problems: [new RegExp(`port ${port} .* taken.*--oma-port`)] })
})

t.test('a default port that is taken is replaced by any free one, and the demo says so', async (t) => {
  const port = await takenPort(t)
  const { settings, origins } = load({ flags: FREE })
  const busy = { ...settings, vmaHttpPort: port }
  const byDefault = { ...origins, vmaHttpPort: { source: 'default', name: 'default' } } as const
  const demo = await demoSettings(busy, byDefault, PARTS)
  t.match(demo, { vmaPort: 0, notes: [`port ${port} on 127.0.0.1 is taken: using a free one instead`] })
})
