/** SEC-2: texts of others (an error of a driver, an answer of a VMA) may hold what nobody may read in a log. */

/** The text with passwords in URLs and bearer tokens replaced by `***`. */
export function withoutSecrets(text: string): string {
  return text.replace(/:\/\/[^/\s]*@/g, '://***@').replace(/\b(bearer)[ .]+[\w.~+/=-]+/gi, '$1 ***')
}
