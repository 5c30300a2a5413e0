// The commands of diagnosis, for the command table.

import type { Command } from '../../command.js'
import { showAlarmsCommand } from './show-alarms.js'
import { showCallsLastCommand } from './show-calls-last.js'
import { showCodesLastCommand } from './show-codes-last.js'
import { showFlashCommand } from './show-flash.js'
import { showLineCommand } from './show-line.js'
import { supportBundleCommand } from './support-bundle.js'
import { testCommands } from './tests.js'

export const diagnosisCommands: readonly Command[] = [
  showAlarmsCommand,
  showCallsLastCommand,
  showCodesLastCommand,
  showFlashCommand,
  showLineCommand,
  supportBundleCommand,
  ...testCommands,
]
