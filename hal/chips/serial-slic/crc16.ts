// CRC-16/CCITT-FALSE: polynomial 0x1021, first value 0xFFFF, not reflected. "123456789" gives 0x29B1.

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 8
  for (let bit = 0; bit < 8; bit++) value = (value & 0x8000 ? (value << 1) ^ 0x1021 : value << 1) & 0xffff
  return value
})

/** Over the first `length` bytes. */
export const crc16 = (data: Uint8Array, length = data.length): number => {
  let crc = 0xffff
  for (let at = 0; at < length; at++)
    crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ (data[at] as number)] as number)
  return crc
}
