/** Where the token comes from and where it is kept: in this tab, or in this browser when somebody says so. */

const KEY = 'sightline.token'
const FRAGMENT = '#token='

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export interface Stores {
  /** Ends with the tab. */
  readonly tab: Store
  readonly browser: Store
}

/** `#token=…` → the token; it has to be taken out of the address at once. */
export function tokenInFragment(hash: string): string | undefined {
  if (!hash.startsWith(FRAGMENT)) return undefined
  const text = hash.slice(FRAGMENT.length)
  try {
    return decodeURIComponent(text) || undefined
  } catch {
    return text
  }
}

export function keptToken({ tab, browser }: Stores): string | undefined {
  return tab.getItem(KEY) ?? browser.getItem(KEY) ?? undefined
}

export function keepToken({ tab, browser }: Stores, token: string, remember: boolean): void {
  forgetToken({ tab, browser })
  const store = remember ? browser : tab
  store.setItem(KEY, token)
}

export function forgetToken({ tab, browser }: Stores): void {
  tab.removeItem(KEY)
  browser.removeItem(KEY)
}
