// Writes the generated key table and the picture of the states into firmware/phone/README.md. Run from the root of the
// project after a build.

import { readFileSync, writeFileSync } from 'node:fs'
import { keyTable } from '../firmware/phone/key-table.js'
import { statePicture } from '../test/phone/state-picture.js'

const path = 'firmware/phone/README.md'

const between = (text: string, name: string, made: string): string =>
  text.replace(new RegExp(`(?<=<!-- ${name} -->\\n)[\\s\\S]*(?=<!-- end of ${name} -->)`), () => `${made}\n`)

const table = between(readFileSync(path, 'utf8'), 'key table', keyTable())
writeFileSync(path, between(table, 'state picture', `\`\`\`mermaid\n${statePicture()}\n\`\`\``))
