/** Origins of web pages, as a browser names them in its Origin header. */

import { joinList, splitList, type Kind } from './kinds.ts'

/** `https://gui.example`, `http://localhost:5173`; or `*` for any. In small letters, as browsers send them. */
export const originList: Kind<readonly string[]> = {
  label: 'comma-separated origins',
  argument: 'origins',
  bounds: 'scheme, host and port, as `https://gui.example:8443`; or `*`',
  show: (value) => value.join(','),
  fromJson: joinList,
  parse(text) {
    const origins: string[] = []
    for (const part of splitList(text)) {
      const origin = part === '*' ? part : originOf(part)
      if (origin === undefined) return { problem: `"${part}" is not an origin: write scheme, host and port, no path` }
      if (!origins.includes(origin)) origins.push(origin)
    }
    return { value: origins }
  },
}

function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { origin, protocol, pathname, search, hash, username } = new URL(text)
  const isBare = pathname === '/' && search === '' && hash === '' && username === '' && !text.endsWith('/')
  return isBare && /^https?:$/.test(protocol) ? origin : undefined
}
