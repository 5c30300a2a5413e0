// Which values are secret: the one list, by the name of the key, and passwords inside of addresses. They are never shown, never
// journalled, and kept in files of their own.

export const isSecretKey = (key: string): boolean => /(^|\.)password$/.test(key)

/** A secret can be given, or the file that holds it: the other key of the two; undefined: the key is neither. */
export const otherOfPair = (key: string): string | undefined => {
  if (isSecretKey(key)) return `${key}File`
  const secret = key.replace(/File$/, '')
  return secret !== key && isSecretKey(secret) ? secret : undefined
}

/** What stands for the value wherever one is shown or journalled. */
export const secretShown = '(set)'

/** "https://user:word@host/" and "sip:user:word@host" without what only their owner may read. */
export const withoutPasswords = (text: string): string =>
  text
    .replace(/(https?:\/\/)[^\s/?#",]*@/gi, `$1${secretShown}@`)
    .replace(/(sips?:[^\s:@",;]*):[^\s",]*@/gi, `$1:${secretShown}@`)
