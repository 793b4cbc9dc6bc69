/** Finds out whether a port is free by listening on it for a moment. */

import { once } from 'node:events'
import { createServer } from 'node:net'

export async function isPortFree(host: string, port: number): Promise<boolean> {
  const server = createServer()
  server.unref()
  try {
    server.listen({ host, port, exclusive: true })
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
