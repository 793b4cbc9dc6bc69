/**
 * For a container's HEALTHCHECK: exits 0 when the service of this container says that it lives. Plain JavaScript, no settings
 * are loaded: it asks the ports that the environment names, or the usual ones, by http or https.
 */
import { request as http } from 'node:http'
import { request as https } from 'node:https'

const TIMEOUT_MS = 4_000
const { OMA_HTTP_PORT = '8082', VMA_HTTP_PORT = '8081', OMA_TLS_CERT, VMA_TLS_CERT } = process.env

const PROBES = [
  { port: OMA_HTTP_PORT, path: '/healthz', isSecure: Boolean(OMA_TLS_CERT) },
  { port: VMA_HTTP_PORT, path: '/api/v1/health', isSecure: Boolean(VMA_TLS_CERT) },
]

function isHealthy({ port, path, isSecure }) {
  return new Promise((resolve) => {
    // Its own certificate is for another name; whoever answers on loopback inside the container is it.
    const options = { host: '127.0.0.1', port, path, timeout: TIMEOUT_MS, rejectUnauthorized: false }
    const asked = (isSecure ? https : http)(options, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.end()
  })
}

const found = await Promise.all(PROBES.map(isHealthy))
process.exit(found.includes(true) ? 0 : 1)
