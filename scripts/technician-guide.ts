// Writes the generated parts of docs/technician.md: transcripts of the recorded sessions (test/console/golden), ordered by the
// command table. Run from the root of the project after a build.

import { readFileSync, writeFileSync } from 'node:fs'
import { commandTable } from '../firmware/console/table.js'
import { situations } from '../firmware/phone/situation.js'
import { guideSections, withSections } from './technician-guide-parts/guide-sections.js'

const path = 'docs/technician.md'
writeFileSync(path, withSections(readFileSync(path, 'utf8'), guideSections(commandTable(situations))))
