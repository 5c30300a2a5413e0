// Commands that change settings, in the order of the table.

import type { Command } from '../../command.js'
import {
  commitCommand,
  commitConfirmCommand,
  confirmCommand,
  rollbackCommand,
  showChangesCommand,
} from './commit.js'
import { exportCommand, importCommand } from './export.js'
import { factoryResetCommand } from './factory-reset.js'
import { setCommand } from './set.js'
import { showJournalCommand } from './show-journal.js'

export const settingsCommands: readonly Command[] = [
  commitCommand,
  commitConfirmCommand,
  confirmCommand,
  exportCommand,
  factoryResetCommand,
  importCommand,
  rollbackCommand,
  setCommand,
  showChangesCommand,
  showJournalCommand,
]
