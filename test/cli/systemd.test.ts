import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Systemd, wishesOf } from '../../src/cli/systemd.ts'
import { notifySocket } from '../support/notify-socket.ts'
import { Service, until } from '../support/service.ts'

function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-notify-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const isBeat = (text: string): boolean => text === 'WATCHDOG=1'

t.test('[OPS-1] a service tells systemd that it is ready, works and stops', async (t) => {
  const folder = folderOf(t)
  const systemd = await notifySocket(t, folder)
  const env = { ...systemd.env, DATABASE_URL: 'sqlite:oma.db', OMA_API_TOKENS: 'one', WATCHDOG_USEC: '300000' }
  const oma = await Service.start('oma', { ...env, VMA_PROGRESS_CLIENT_URL: 'http://127.0.0.1:1' }, folder)
  t.teardown(() => oma.stop())
  await systemd.waitFor('three beats', (heard) => heard.filter(isBeat).length >= 3)
  t.equal(systemd.heard[0], 'READY=1 STATUS=at work', 'and first of all that it is ready')
  t.equal(await oma.stop(), 0, oma.log)
  await systemd.waitFor('the end', (heard) => heard.some((text) => text.startsWith('STOPPING=1 ')))
  t.notMatch(oma.log, /systemd/)
})

t.test('[OPS-1] a socket that nobody reads does the service no harm, and is told once', async (t) => {
  const folder = folderOf(t)
  const env = { NOTIFY_SOCKET: join(folder, 'nobody'), WATCHDOG_USEC: '30000' }
  const vma = await Service.start('vma', env, folder)
  t.teardown(() => vma.stop())
  await until('the log tells of it', async () => (vma.log.includes('could not be told') ? true : undefined), 30_000)
  t.equal((await fetch(`${vma.url}/api/v1/health`)).status, 200)
  t.equal(await vma.stop(), 0)
  t.equal(vma.log.split('could not be told').length, 2)
})

t.test('[OPS-1] whoever does no work any more tells the watchdog nothing, and the log why', async (t) => {
  const sent: string[] = []
  const told: object[] = []
  const log = { warn: () => t.fail('a warning'), error: (what: object) => told.push(what) } as never
  const systemd = new Systemd({
    wishes: { watchdogMs: undefined },
    send: async (lines) => void sent.push(...lines),
    log,
  })
  systemd.ready(() => undefined)
  await until('it is sent', async () => (sent.length > 0 ? true : undefined))
  sent.length = 0
  systemd.beat(() => 'stuck')
  t.same([sent, told], [[], [{ reason: 'stuck' }]])
  systemd.beat(() => undefined)
  t.same(sent, ['WATCHDOG=1'])
})

t.test('[OPS-1] a message that takes long is not overtaken by the next', async (t) => {
  const sent: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const log = { warn: () => t.fail('a warning'), error: () => t.fail('an error') } as never
  const send = async (lines: readonly string[]): Promise<void> => {
    sent.push(...lines)
    await promise
  }
  const systemd = new Systemd({ wishes: { watchdogMs: undefined }, send, log })
  for (let i = 0; i < 5; i += 1) systemd.beat(() => undefined)
  t.same(sent, ['WATCHDOG=1'])
  resolve()
})

t.test('[OPS-1] what systemd wants is read as sd_watchdog_enabled reads it', async (t) => {
  t.equal(wishesOf({}, 1), undefined)
  t.equal(wishesOf({ NOTIFY_SOCKET: '', WATCHDOG_USEC: '1' }, 1), undefined)
  const NOTIFY_SOCKET = '/run/systemd/notify'
  t.same(wishesOf({ NOTIFY_SOCKET }, 1), { watchdogMs: undefined })
  t.same(wishesOf({ NOTIFY_SOCKET, WATCHDOG_USEC: '30000000' }, 1), { watchdogMs: 30_000 })
  t.same(wishesOf({ NOTIFY_SOCKET, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }, 1), { watchdogMs: 30_000 })
  t.same(wishesOf({ NOTIFY_SOCKET, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '2' }, 1), { watchdogMs: undefined })
  for (const WATCHDOG_USEC of ['0', '-1', 'soon', '1.5'])
    t.same(wishesOf({ NOTIFY_SOCKET, WATCHDOG_USEC }, 1), { watchdogMs: undefined }, WATCHDOG_USEC)
})
