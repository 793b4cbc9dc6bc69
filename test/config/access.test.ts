import t from 'tap'
import { describeFault, loadSettings } from '../../config/load.ts'
import type { Sources } from '../../config/load.ts'
import type { VmaEndpoint } from '../../config/endpoints.ts'
import { readNamed } from '../../config/files.ts'
import { vmaTarget } from '../../src/vma-target.ts'
import { tlsFile, tlsText } from '../support/tls.ts'

function load(vmas: unknown, sources: Sources = {}) {
  const files = [{ path: 'site.json', text: JSON.stringify({ vmas }) }]
  return loadSettings({ files, read: readNamed, ...sources })
}

function vmasOf(vmas: unknown, sources: Sources = {}): readonly VmaEndpoint[] {
  const loaded = load(vmas, sources)
  if ('faults' in loaded) throw new Error(loaded.faults.map(describeFault).join('\n'))
  return loaded.settings.vmas
}

function faultsOf(vmas: unknown, sources: Sources = {}): string[] {
  const loaded = load(vmas, sources)
  return 'faults' in loaded ? loaded.faults.map(describeFault) : []
}

const SHARED = {
  VMA_PROGRESS_TLS_CA: tlsFile('authority.pem'),
  VMA_PROGRESS_TLS_CERT: tlsFile('client.pem'),
  VMA_PROGRESS_TLS_KEY: tlsFile('client.key'),
  VMA_PROGRESS_PROXY: 'http://oma:p%40ss@proxy.example:3128',
  VMA_PROGRESS_TOKEN: 'for-all',
}

t.test('[CFG-2] the settings of the way hold for each VMA as far as they are of use to it', async (t) => {
  const env = { ...SHARED, VMA_PROGRESS_CLIENT_URL: 'a=https://a.example,b=http://b.example,c=unix:/run/c.sock' }
  const authorization = `Basic ${Buffer.from('oma:p@ss').toString('base64')}`
  const proxy = { origin: 'http://proxy.example:3128', authorization }
  t.strictSame(vmasOf(null, { env }).map(vmaTarget), [
    {
      name: 'a',
      url: 'https://a.example',
      token: 'for-all',
      ca: tlsText('authority.pem'),
      cert: tlsText('client.pem'),
      key: tlsText('client.key'),
      proxy,
    },
    { name: 'b', url: 'http://b.example', token: 'for-all', proxy },
    { name: 'c', url: 'unix:/run/c.sock', token: 'for-all' },
  ])
  const [, b, c] = vmasOf(null, { env: { ...env, VMA_PROGRESS_PROXY: 'https://proxy.example' } }).map(vmaTarget)
  t.match(b, { ca: tlsText('authority.pem'), proxy: { origin: 'https://proxy.example' } }, 'trusted for the proxy')
  t.strictSame(c, { name: 'c', url: 'unix:/run/c.sock', token: 'for-all' })
})

t.test('[CFG-2] in the file a VMA may have its own, and be taken out of the proxy', async (t) => {
  const vmas = {
    a: 'https://a.example',
    b: {
      url: 'https://b.example/sub/',
      ca: tlsFile('cert.pem'),
      cert: tlsFile('server.pem'),
      key: tlsFile('server.key'),
      token: 'for-b',
      proxy: 'none',
    },
    c: { url: 'http://localhost:9081', proxy: 'none', ca: null, token: '' },
  }
  const [a, b, c] = vmasOf(vmas, { env: SHARED }).map(vmaTarget)
  t.match(a, { name: 'a', url: 'https://a.example', token: 'for-all', ca: tlsText('authority.pem') })
  t.strictSame(b, {
    name: 'b',
    url: 'https://b.example/sub',
    token: 'for-b',
    ca: tlsText('cert.pem'),
    cert: tlsText('server.pem'),
    key: tlsText('server.key'),
  })
  t.strictSame(c, { name: 'c', url: 'http://localhost:9081', token: 'for-all' })
})

t.test('[CFG-2] a later source that names the VMAs takes the place of the whole object', async (t) => {
  const vmas = { a: { url: 'https://a.example', token: 'for-a' } }
  const [vma] = vmasOf(vmas, { env: { VMA_PROGRESS_CLIENT_URL: 'a=https://elsewhere.example' } })
  t.strictSame(vma, { name: 'a', url: 'https://elsewhere.example' })
})

t.test('[CFG-1, CFG-2] all faults in the object are told at once, with suggestions and without secrets', async (t) => {
  const faults = faultsOf({
    'a b': 'http://a.example',
    b: { ca: 'x.pem' },
    c: { url: 'https://c.example', caa: 'x.pem', cert: tlsFile('client.pem'), token: 'hunter2 hunter2' },
    d: { url: 'http://d.example', ca: tlsFile('authority.pem') },
    e: { url: 'unix:/run/e.sock', proxy: 'http://o:hunter2@p:1' },
    f: { url: 'https://f.example', ca: '/nowhere/f.pem', proxy: 'htp://o:hunter2@p:1', token: 5 },
    g: { url: 'https://g.example', cert: tlsFile('client.pem'), key: tlsFile('server.key') },
    h: 7,
  })
  t.strictSame(faults, [
    'site.json: vmas.a b must be named with letters, digits, dots and dashes',
    'site.json: vmas.b must be a URL, or an object with one as "url"',
    'site.json: vmas.c.caa is nothing that a VMA has (did you mean ca?)',
    'site.json: vmas.f.token must be a text',
    'site.json: vmas.h must be a URL, or an object with one as "url"',
    'site.json: vmas.c.token holds white space or characters that no header can carry',
    'site.json: vmas.c.cert is of no use alone: cert and key go together',
    'site.json: vmas.d.ca is of no use for http://d.example',
    'site.json: vmas.e.proxy is of no use for unix:/run/e.sock',
    'site.json: vmas.f.ca names /nowhere/f.pem, which does not exist',
    'site.json: vmas.f.proxy must be http://host:port or https://host:port',
    'site.json: vmas.g.key is not the key of the certificate',
  ])
  t.match(faultsOf({ a: 'ftp://o:hunter2@h' }), [/^site\.json: vmas "\*\*\*@h" is not an http or https URL/])
})

t.test('[CFG-1] vcenters may name a VMA of the object', async (t) => {
  const values = { vmas: { a: 'http://a.example', b: { url: 'http://b.example' } }, vcenters: { 'vc.example': 'b' } }
  t.match(loadSettings({ files: [{ path: 'site.json', text: JSON.stringify(values) }] }), {
    settings: { vcenters: { 'vc.example': 'b' } },
  })
})
