import t from 'tap'
import { serverTls, serviceUrl } from '../src/service-url.ts'

t.test('a service is told by a URL that works', async (t) => {
  t.equal(serviceUrl('127.0.0.1', 8081, false), 'http://127.0.0.1:8081')
  t.equal(serviceUrl('::1', 8082, true), 'https://[::1]:8082')
})

t.test('TLS needs both files', async (t) => {
  const file = (path: string) => ({ path, pem: '' })
  t.strictSame(serverTls(file('a.pem'), file('a.key')), { tls: { certFile: 'a.pem', keyFile: 'a.key' } })
  t.strictSame(serverTls(undefined, undefined), {})
})
