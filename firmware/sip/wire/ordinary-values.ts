// Quick yes for header values in their everyday form (RFC 3261 §25.1): one linear regular expression instead of taking
// the value apart. Each pattern accepts only what the full readers of header-values.ts accept as well; whatever it does
// not know (escapes, IPv6, quoted pairs, lists, spaces around separators) is left to them.

const host = '\\w(?:[\\w.-]*[\\w.])?'
const port = '(?::[1-9]\\d{0,3})?'
const sipUri = `sips?:(?:[\\w.!~*'()&=+$#-]+@)?${host}${port}(?:;[\\w.-]+(?:=[\\w.:+-]*)?)*`
const parameters = `(?:;[\\w.+-]+(?:=[\\w.:+@~-]+)?)*`

const uriPattern = new RegExp(`^${sipUri}$`)
const addressPattern = new RegExp(`^(?:"[^"\\\\]*" ?|[\\w.-]+ )?<${sipUri}>${parameters}$`)
const viaPattern = new RegExp(`^SIP/2\\.0/[A-Z]+ ${host}${port}${parameters}$`)
/** The magic cookie with nothing after it (scanner.ts refuses that). */
const bareCookie = /z9hG4bK(?:;|$)/

/** A sip: or sips: URI without headers (`?…`), fit for a request line. */
export const isOrdinaryUri = (text: string): boolean => uriPattern.test(text)

/** One `"display" <sip:…>;parameters`: From, To, Contact, Route, Record-Route. */
export const isOrdinaryAddress = (value: string): boolean => addressPattern.test(value)

/** One Via value whose branch is more than the magic cookie. */
export const isOrdinaryVia = (value: string): boolean => viaPattern.test(value) && !bareCookie.test(value)
