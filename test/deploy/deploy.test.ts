/** What is in config/deploy, and the Dockerfile: read by the programs they are for where those are here, and by us in any case. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SETTINGS } from '../../config/schema.ts'
import { ROOT } from '../arch/source-files.ts'
import { readUnit } from './unit-file.ts'

const UNITS = join(ROOT, 'config', 'deploy', 'systemd')
const SERVICES = ['sightline-oma.service', 'sightline-vma.service'] as const
const TUNNEL = 'sightline-tunnel.service'

const textOf = (...path: readonly string[]): string => readFileSync(join(ROOT, ...path), 'utf8')

function folderOf(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-deploy-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** undefined where the program is not on this machine, which the output says. */
function have(t: Test, program: string, ...args: readonly string[]): string | undefined {
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  const said = `${stdout ?? ''}${stderr ?? ''}`.split('\n')[0]
  t.comment(
    error === undefined ? `read by ${program}: ${said}` : `no ${program} on this machine: read by the test alone`,
  )
  return error === undefined ? said : undefined
}

/** What keeps a service that was taken over from doing harm; more may stand in the unit. */
const HARDENED: Readonly<Record<string, string>> = {
  NoNewPrivileges: 'yes',
  CapabilityBoundingSet: '',
  DynamicUser: 'yes',
  ProtectSystem: 'strict',
  ProtectHome: 'yes',
  ProtectClock: 'yes',
  ProtectHostname: 'yes',
  ProtectKernelLogs: 'yes',
  ProtectKernelModules: 'yes',
  ProtectKernelTunables: 'yes',
  ProtectControlGroups: 'yes',
  PrivateTmp: 'yes',
  PrivateDevices: 'yes',
  LockPersonality: 'yes',
  RestrictNamespaces: 'yes',
  RestrictRealtime: 'yes',
  RestrictSUIDSGID: 'yes',
  RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX AF_NETLINK',
  SystemCallArchitectures: 'native',
  TimeoutStopSec: '15',
}

t.test('[OPS-2] the units confine what they start, and V8 still runs', async (t) => {
  t.same(readdirSync(UNITS).toSorted(), [...SERVICES, TUNNEL].toSorted())
  for (const name of [...SERVICES, TUNNEL]) {
    const service = readUnit(textOf('config', 'deploy', 'systemd', name)).get('Service')
    for (const [key, value] of Object.entries(HARDENED)) t.same(service?.get(key), [value], `${name}: ${key}`)
    t.match(service?.get('SystemCallFilter')?.[0], /^@system-service/, name)
    t.ok(Number(service?.get('RestartSec')?.[0]) > 0, `${name} is started again, not in a tight loop`)
  }
  for (const name of SERVICES) {
    const service = readUnit(textOf('config', 'deploy', 'systemd', name)).get('Service')
    t.same(service?.get('MemoryDenyWriteExecute'), ['no'], 'V8 writes machine code')
    t.same(service?.get('Restart'), ['on-failure'])
    t.same([service?.get('Type'), service?.get('NotifyAccess')], [['notify'], ['all']], 'a child sends the messages')
    t.ok(Number(service?.get('WatchdogSec')?.[0]) >= 30)
  }
})

t.test('[OPS-2] systemd takes the units as they are', async (t) => {
  const folder = folderOf(t)
  if (have(t, 'systemd-analyze', '--version') === undefined) return
  for (const name of [...SERVICES, TUNNEL]) {
    const file = join(folder, name)
    // Node may lie elsewhere here, and ssh be missing: whether they exist is not the unit's business.
    const text = textOf('config', 'deploy', 'systemd', name).replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`)
    writeFileSync(file, text)
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    // It looks through units of the machine too, whose faults are not ours.
    const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('sightline'))
    t.same(said, [], name)
    t.equal(status, 0, `${name}: ${stderr}`)
  }
})

t.test('[OPS-2] what the units name is in the package, and what they set are settings', async (t) => {
  const known = new Set(Object.values(SETTINGS).map(({ env }): string => env))
  for (const name of SERVICES) {
    const [start = ''] =
      readUnit(textOf('config', 'deploy', 'systemd', name))
        .get('Service')
        ?.get('ExecStart') ?? []
    const [, path = '', command] =
      /^\/usr\/bin\/node \/opt\/sightline\/node_modules\/sightline\/(\S+) (\w+)$/.exec(start) ?? []
    t.ok(textOf(path).length > 0, path)
    t.equal(name, `sightline-${command}.service`)
  }
  const example = textOf('.env.example')
  const variables = [...example.matchAll(/^#([A-Z_]+)=/gm)].map(([, variable = '']) => variable)
  t.same(new Set(variables), new Set([...known, 'SIGHTLINE_CONFIG']))
  t.notMatch(example, /^[^#\n]/m, 'nothing is set by it as it is')
})

t.test('[OPS-2] the reverse proxy lets websocket and events through', async (t) => {
  const text = textOf('config', 'deploy', 'nginx', 'sightline.conf')
  t.equal(text.split('{').length, text.split('}').length)
  const stream = /location \/api\/v1\/stream \{([\s\S]*?)\n {4}\}/.exec(text)?.[1] ?? ''
  for (const line of [
    'proxy_buffering off',
    'proxy_http_version 1.1',
    'Upgrade         $http_upgrade',
    'gzip            off',
  ])
    t.ok(stream.includes(line), line)
  t.equal(text.match(/proxy_set_header Host +\$host;/g)?.length, 2, 'the OMA compares Origin and Host')
  const folder = folderOf(t)
  if (have(t, 'nginx', '-v') === undefined) return
  mkdirSync(join(folder, 'logs'))
  const site = text
    .replace(/^ *(ssl_certificate|ssl_certificate_key|ssl_session_cache).*$/gm, '')
    .replaceAll(' ssl http2', '')
  writeFileSync(join(folder, 'site.conf'), site)
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${folder}/${of};`)
  const around = `pid ${folder}/pid; events {} http { access_log off; ${folders.join(' ')} include ${folder}/site.conf; }`
  writeFileSync(join(folder, 'nginx.conf'), around)
  const { status, stderr } = spawnSync('nginx', ['-t', '-p', folder, '-c', 'nginx.conf'], { encoding: 'utf8' })
  t.equal(status, 0, stderr)
})

t.test('[OPS-2] the Dockerfile keeps to hadolint’s rules, as far as its text tells', async (t) => {
  const lines = textOf('Dockerfile')
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.trim())
  const of = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const stages = new Set(of('FROM').flatMap((from) => / AS (\w+)$/.exec(from)?.[1] ?? []))
  t.ok(
    of('FROM').every((from) => /^[\w/.-]+:(?!latest)[\w.-]+( AS \w+)?$/.test(from)),
    'DL3006, DL3007',
  )
  t.ok(
    of('WORKDIR').every((folder) => folder.startsWith('/')),
    'DL3000',
  )
  t.equal(of('USER').at(-1), 'node', 'DL3002')
  t.same([...of('ADD'), ...of('MAINTAINER')], [], 'DL3020, DL4000')
  for (const run of of('RUN')) {
    t.notMatch(run, /(^|&& )(cd|sudo|apt|apt-get|wget|curl) /, 'DL3003, DL3004, DL3008, DL3047')
    t.notMatch(run, /npm (install|i) /, 'DL3016')
    t.notMatch(run, / \| /, 'DL4006')
    if (run.includes('npm ci')) t.match(run, /--cache \/tmp\/npm && rm -rf \/tmp\/npm/, 'DL3060')
  }
  for (const copy of of('COPY')) {
    const [, from] = /^--from=(\w+) /.exec(copy) ?? []
    if (from !== undefined) t.ok(stages.has(from), `DL3022: ${copy}`)
    const files = copy.split(' ').filter((word) => !word.startsWith('--'))
    if (files.length > 2) t.ok(files.at(-1)?.endsWith('/'), `DL3021: ${copy}`)
  }
  t.match([of('ENTRYPOINT').at(-1), of('CMD').at(-1)], [/^\[".*"\]$/, /^\[".*"\]$/], 'DL3025')
  t.match(of('HEALTHCHECK').at(-1), /CMD \["node", "\/app\/bin\/healthcheck\.mjs"\]$/, 'DL3057')
  const sent = textOf('.dockerignore').split('\n')
  t.equal(
    sent.find((line) => !line.startsWith('#')),
    '*',
    'nothing goes into the build unless it is named',
  )
  t.ok(['**/*.env', '**/*.pem', '**/*.key'].every((line) => sent.includes(line)))
})
