/** The settings of the way to the VMAs, for schema.ts (CFG-2). One VMA may have its own in the settings file: access.ts. */

import { proxyUrl } from './endpoints.ts'
import { bearerToken } from './kinds.ts'
import { pemFile } from './pem.ts'
import { setting } from './setting.ts'

export const access = {
  clientTlsCa: setting({
    group: 'Way to the VMAs',
    env: 'VMA_PROGRESS_TLS_CA',
    flag: '--client-tls-ca',
    kind: pemFile('certificate'),
    defaultText: '',
    doc: 'Certificates that https VMAs are trusted by, instead of the well-known authorities.',
  }),
  clientTlsCert: setting({
    group: 'Way to the VMAs',
    env: 'VMA_PROGRESS_TLS_CERT',
    flag: '--client-tls-cert',
    kind: pemFile('certificate'),
    defaultText: '',
    doc: 'Our client certificate, with its chain, for https VMAs that ask for one. Goes with VMA_PROGRESS_TLS_KEY.',
  }),
  clientTlsKey: setting({
    group: 'Way to the VMAs',
    env: 'VMA_PROGRESS_TLS_KEY',
    flag: '--client-tls-key',
    kind: pemFile('key'),
    defaultText: '',
    doc: 'Key of our client certificate, without a passphrase.',
  }),
  clientProxy: setting({
    group: 'Way to the VMAs',
    env: 'VMA_PROGRESS_PROXY',
    flag: '--client-proxy',
    kind: proxyUrl,
    defaultText: '',
    doc: 'Proxy that http and https VMAs are reached through, `http://user:password@host:port`: https by a tunnel (CONNECT), http by forwarding. An https proxy is trusted by the well-known authorities and those of VMA_PROGRESS_TLS_CA. Its password is never shown. HTTP_PROXY and its like are not read.',
  }),
  clientToken: setting({
    group: 'Way to the VMAs',
    env: 'VMA_PROGRESS_TOKEN',
    flag: '--client-token',
    kind: bearerToken,
    defaultText: '',
    doc: 'Bearer token that the OMA sends to the VMAs. Other users of the machine can read flags: prefer the environment or the file.',
    secret: true,
  }),
}
