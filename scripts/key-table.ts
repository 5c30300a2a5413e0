// Writes the generated key table into firmware/phone/README.md. Run from the root of the project after a build.

import { readFileSync, writeFileSync } from 'node:fs'
import { keyTable } from '../firmware/phone/key-table.js'

const path = 'firmware/phone/README.md'
const between = /(?<=<!-- key table -->\n)[\s\S]*(?=<!-- end of key table -->)/
writeFileSync(
  path,
  readFileSync(path, 'utf8').replace(between, () => `${keyTable()}\n`),
)
