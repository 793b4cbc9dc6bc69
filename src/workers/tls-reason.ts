/** Why a connection did not come about, in words for who runs the OMA (CFG-2). */

const UNKNOWN_CA =
  'its certificate comes from an authority that is not trusted: VMA_PROGRESS_TLS_CA names those that are'
const NO_CERTIFICATE = 'it asks for a client certificate: VMA_PROGRESS_TLS_CERT and VMA_PROGRESS_TLS_KEY name it'
const REFUSED_CERTIFICATE = 'it does not accept our client certificate'
const NO_TLS = 'it speaks no TLS at this port: is it http?'

/** By the codes of Node and OpenSSL. */
const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_CA,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  CERT_SIGNATURE_FAILURE: UNKNOWN_CA,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: NO_CERTIFICATE,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
}

/** Alerts by which a server says either of two things; which one depends on whether we showed a certificate. */
const CERTIFICATE_ALERT = /_ALERT_(HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_\w+|ACCESS_DENIED)$/

export interface Failure extends Error {
  readonly code?: string
}

/** Undefined for an error that is not of TLS. */
export function tlsReason(cause: Failure, showedCertificate: boolean): string | undefined {
  const { code = '', message } = cause
  const known = REASONS[code]
  if (known !== undefined) return `TLS: ${known} (${code})`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `TLS: its certificate is for another name: ${message.replace(/^.*certificate's altnames: /, '')}`
  if (CERTIFICATE_ALERT.test(code)) return `TLS: ${showedCertificate ? REFUSED_CERTIFICATE : NO_CERTIFICATE} (${code})`
  return code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_') ? `TLS: ${message} (${code})` : undefined
}

/** Code and message; of a name with several addresses those of each attempt. */
export function plainReason(cause: Failure): string {
  const message = cause instanceof AggregateError && cause.message === '' ? causesOf(cause) : cause.message
  return `${cause.code ?? cause.name}: ${message}`
}

function causesOf({ errors }: AggregateError): string {
  return errors.map((error) => (error instanceof Error ? error.message : String(error))).join(', ')
}
