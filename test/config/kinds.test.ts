import fc from 'fast-check'
import t from 'tap'
import { databaseUrl, proxyUrl, vmaList } from '../../config/endpoints.ts'
import {
  bearerToken,
  duration,
  host,
  integer,
  onOff,
  oneOf,
  timeZone,
  tokenList,
  wordList,
} from '../../config/kinds.ts'
import type { Kind } from '../../config/kinds.ts'

const HOUR = 3_600_000

function value<T>(kind: Kind<T>, text: string): T | undefined {
  const parsed = kind.parse(text)
  return 'value' in parsed ? parsed.value : undefined
}

function problem<T>(kind: Kind<T>, text: string): string | undefined {
  const parsed = kind.parse(text)
  return 'problem' in parsed ? parsed.problem : undefined
}

t.test('[CFG-1] durations carry their unit and keep their bounds', async (t) => {
  const kind = duration(500, HOUR)
  t.same(
    ['500ms', '5s', '5m', '1h', '1m30s'].map((text) => value(kind, text)),
    [500, 5_000, 300_000, HOUR, 90_000],
  )
  t.equal(problem(kind, '499ms'), 'must be 500ms to 1h')
  t.equal(problem(kind, '61m'), 'must be 500ms to 1h')
  for (const text of ['5', '-5s', '5 parsecs', 's', '1e3s', 'Infinity', 'NaN'])
    t.match(problem(kind, text), /not a duration/, text)
})

t.test('[CFG-1] integers are whole, decimal and within bounds', async (t) => {
  const kind = integer(1, 10)
  t.equal(value(kind, '10'), 10)
  for (const text of ['1.5', '0x5', '1e1', 'ten', '9007199254740993'])
    t.match(problem(kind, text), /whole number/, text)
  for (const text of ['0', '11', '-1']) t.equal(problem(kind, text), 'must be 1 to 10', text)
})

t.test('[CFG-1] what a kind shows it reads back to the same value', async (t) => {
  const same = <T>(kind: Kind<T>, text: string): void => {
    const read = value(kind, text)
    if (read === undefined) return void t.fail(`${kind.label}: ${text}`)
    t.same(value(kind, kind.show(read)), read, `${text} → ${kind.show(read)}`)
  }
  same(vmaList, 'http://localhost:9081/, paris=https://vma.example/sub/')
  same(vmaList, 'unix:/run/vma.sock,lyon=unix:/run/lyon=1.sock')
  same(proxyUrl, 'http://proxy.example:3128/')
  same(proxyUrl, 'https://[::1]:3128')
  same(databaseUrl, 'sqlite:/var/lib/sightline.db')
  same(databaseUrl, 'mysql://oma@db.example/migratekit_oma')
  same(wordList(['a', 'b']), 'b,a,b')
  same(onOff, 'Yes')
  same(timeZone, 'europe/london')
  const kind = duration(0, HOUR)
  fc.assert(fc.property(fc.integer({ min: 0, max: HOUR }), (ms) => value(kind, kind.show(ms)) === ms))
})

t.test('[CFG-1] words are read in any case, aliases included; a near miss is suggested', async (t) => {
  const kind = oneOf(['debug', 'info', 'warn'], { warning: 'warn' })
  t.same(
    ['INFO', 'Warning', 'warn'].map((text) => value(kind, text)),
    ['info', 'warn', 'warn'],
  )
  t.match(problem(kind, 'debgu'), /did you mean debug\?/)
  t.notMatch(problem(kind, 'zzzzz'), /did you mean/)
  t.match(problem(kind, 'constructor'), /has no value/)
  t.match(problem(onOff, 'toString'), /on or off/)
  t.match(problem(wordList(['running', 'queued']), 'running,quued'), /did you mean queued\?/)
  t.match(problem(wordList(['running']), ' , '), /names no word/)
})

t.test('[CFG-1] VMA URLs: http or https, told apart by name, without credentials', async (t) => {
  t.same(value(vmaList, 'http://localhost:9081/, paris=https://vma.example/sub/'), [
    { name: 'localhost:9081', url: 'http://localhost:9081' },
    { name: 'paris', url: 'https://vma.example/sub' },
  ])
  t.match(problem(vmaList, 'a=http://h:1,a=http://h:2'), /two VMAs "a"/)
  t.match(problem(vmaList, 'http://h:1,http://h:1/'), /two VMAs "h:1"/)
  for (const text of ['ftp://h', 'h:9081', 'paris=', 'http://', 'file:///etc/passwd']) {
    t.match(problem(vmaList, text), /not an http or https URL/, text)
  }
  t.match(problem(vmaList, 'http://user:hunter2@h:1'), /must not carry a user/)
  t.match(problem(vmaList, 'http://h:1?token=x'), /query/)
})

t.test('[CFG-2] a VMA behind a unix socket is named by the whole path of the socket', async (t) => {
  t.same(value(vmaList, 'UNIX:/run/vma.sock,lyon=unix:/run/a b.sock'), [
    { name: 'unix:/run/vma.sock', url: 'unix:/run/vma.sock' },
    { name: 'lyon', url: 'unix:/run/a b.sock' },
  ])
  for (const text of ['unix:vma.sock', 'unix:', 'unix:/', 'unix://host/vma.sock']) {
    t.match(problem(vmaList, text), /must name a socket by its whole path/, text)
  }
  t.match(problem(vmaList, `unix:/${'x'.repeat(107)}`), /longer than a socket's path may be/)
  t.match(problem(vmaList, 'unix:/a,unix:/a'), /names two VMAs/)
})

t.test('[CFG-2] proxies: scheme, host and port, perhaps a user', async (t) => {
  t.same(value(proxyUrl, 'http://oma:p%40ss@proxy.example:3128'), {
    origin: 'http://proxy.example:3128',
    user: 'oma',
    password: 'p@ss',
  })
  for (const text of ['', 'none', 'None']) t.same(proxyUrl.parse(text), { value: undefined }, text)
  for (const text of [
    'proxy:3128',
    'socks5://p:1',
    'http://',
    'http://p:1/x',
    'http://p:1?x',
    'http://%zz@p:1',
    'http://a%3Ab@p:1',
  ]) {
    t.type(problem(proxyUrl, text), 'string', text)
  }
})

t.test('[CFG-1] database URLs: MariaDB with escapes and defaults, or a file', async (t) => {
  const mysql = {
    dialect: 'mysql',
    host: 'db.example',
    port: 3306,
    user: 'o',
    password: 'p@ss/word',
    database: 'migratekit_oma',
  }
  t.same(value(databaseUrl, 'mysql://o:p%40ss%2Fword@db.example/migratekit_oma'), mysql)
  t.same(value(databaseUrl, 'mariadb://o@[::1]:3307/x'), {
    ...mysql,
    host: '::1',
    port: 3307,
    password: '',
    database: 'x',
  })
  t.same(value(databaseUrl, 'sqlite:data/x.db'), { dialect: 'sqlite', file: 'data/x.db' })
  t.same(value(databaseUrl, 'sqlite:///srv/x.db'), { dialect: 'sqlite', file: '/srv/x.db' })
  for (const text of [
    'postgres://h/x',
    'mysql://h',
    'mysql://o@h/',
    'mysql://h/x',
    'mysql://o@h/a/b',
    'mysql://o@h/x?ssl=1',
    'sqlite:',
    'data.db',
    'mysql://o:%zz@h/x',
  ]) {
    t.type(problem(databaseUrl, text), 'string', text)
  }
})

t.test('[SEC-2] passwords and tokens are in no fault and in no shown value', async (t) => {
  const secret = 'hunter2'
  const silent = (told: string | undefined, text: string): void => {
    t.ok(told !== undefined && !told.includes(secret), text)
  }
  for (const text of [`mysql://o:${secret}@h`, `mysql://o:${secret}%zz@h/x`, `mysq://o:${secret}@h/x`, secret]) {
    silent(problem(databaseUrl, text), text)
  }
  const read = value(databaseUrl, `mysql://o:${secret}@h/x`)
  t.equal(read && databaseUrl.show(read), 'mysql://o:***@h:3306/x')
  for (const text of [`http://o:${secret}@h:1`, `ftp://o:${secret}@h:1`, `x=//o:a/${secret}@h`, `o:${secret}@h`]) {
    silent(problem(vmaList, text), text)
  }
  for (const text of [`http://o:${secret}@h:1/x`, `htp://o:${secret}@h:1`, `http://o:${secret}%zz@h:1`, secret]) {
    silent(problem(proxyUrl, text), text)
  }
  const proxy = value(proxyUrl, `http://o:${secret}@h:3128`)
  t.equal(proxy && proxyUrl.show(proxy), 'http://o:***@h:3128')
  silent(problem(bearerToken, `${secret} x`), 'a token with white space')
  silent(problem(bearerToken, `sha256:${secret}`), 'a digest')
  silent(problem(tokenList, `${secret} ${secret}`), `${secret} ${secret}`)
  silent(problem(tokenList, `sha256:${secret}`), `sha256:${secret}`)
})

t.test('[CFG-1] hosts, zones and tokens', async (t) => {
  for (const text of ['localhost', '0.0.0.0', '::1', '[::1]', 'oma-1.example'])
    t.type(value(host, text), 'string', text)
  for (const text of ['http://x', 'x:80', 'a b', 'x/y', '[::1']) t.match(problem(host, text), /without scheme/, text)
  t.equal(value(host, '[::1]'), '::1')
  t.same(
    ['system', 'UTC', 'Europe/London'].map((text) => value(timeZone, text)),
    ['system', 'UTC', 'Europe/London'],
  )
  t.match(problem(timeZone, 'Europe/Londn'), /not a time zone/)
  t.same(value(tokenList, `one, sha256:${'a'.repeat(64)},`), ['one', `sha256:${'a'.repeat(64)}`])
  t.match(problem(tokenList, 'one,sha256:abc'), /entry 2 says sha256:/)
})
