// Consistent overhead byte stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999): a frame without
// a zero byte, so that one zero ends it and a receiver that lost its place finds it again at the next.

/**
 * The first `length` bytes of `data` stuffed between two zeros: at most one byte in 254 longer, plus three. The zero before
 * it ends whatever was cut off on the line, which would cost this frame too.
 */
export const stuffed = (data: Uint8Array, length = data.length): Uint8Array => {
  const out = new Uint8Array(length + Math.floor(length / 254) + 3)
  let code = 1
  let end = 2
  for (let at = 0; at < length; at++) {
    const byte = data[at] as number
    if (byte !== 0) out[end++] = byte
    if (byte === 0 || end - code === 255) {
      out[code] = end - code
      code = end++
    }
  }
  out[code] = end - code
  return out.subarray(0, end + 1)
}

/**
 * What was stuffed, from what stands between two zeros, in place: the beginning of `data` itself. Undefined when it cannot
 * have been.
 */
export const unstuffed = (data: Uint8Array): Uint8Array | undefined => {
  let end = 0
  for (let at = 0; at < data.length; ) {
    const code = data[at++] as number
    const next = at + code - 1
    if (code === 0 || next > data.length) return undefined
    while (at < next) {
      const byte = data[at++] as number
      if (byte === 0) return undefined
      data[end++] = byte
    }
    if (code < 255 && at < data.length) data[end++] = 0
  }
  return data.subarray(0, end)
}
