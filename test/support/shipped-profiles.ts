// The countries that come with the box, by the names of their files.

import { readdirSync } from 'node:fs'

export const shippedProfiles: readonly string[] = readdirSync(
  new URL('../../../board/profiles/', import.meta.url),
)
  .filter(name => name.endsWith('.toml'))
  .map(name => name.slice(0, -'.toml'.length))
