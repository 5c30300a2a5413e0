// How much of a number a technician is shown: enough to know which call is meant, not enough to know who was called.
// Short numbers are services and stand whole; what a code carries may be a secret (a PIN) or whom a masked call went to.

const shortest = 5
const digitsShown = 4

const hide = (text: string): string => text.replace(/[0-9]/g, 'x')

/** "0389xxxxxx"; "3100" and "112" as they are. Anything that is no number comes back hidden. */
export const shownNumber = (number: string): string => {
  if (/^[*#]/.test(number)) return shownCode(number)
  if (!/^\+?\d+$/.test(number)) return hide(number)
  const digits = number.replace('+', '').length
  return digits <= shortest ? number : number.slice(0, digitsShown) + hide(number.slice(digitsShown))
}

/** "*21*06xxxxxxxx#": the head stands, of what it carries two digits where it is as long as a telephone number. */
export const shownCode = (code: string): string => {
  const head = /^[*#]+\d{0,3}/.exec(code)?.[0] ?? ''
  return head + code.slice(head.length).replace(/\d+/g, carried)
}

/** Of the number of a masked call, nothing. */
export const hiddenCode = (code: string): string => {
  const head = /^[*#]+\d{0,3}/.exec(code)?.[0] ?? ''
  return head + hide(code.slice(head.length))
}

const carried = (digits: string): string =>
  digits.length >= 9 && digits.startsWith('0') ? digits.slice(0, 2) + hide(digits.slice(2)) : hide(digits)
