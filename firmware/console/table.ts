// The command table: one line a command. A new command is a file in commands/ and a line here.

import type { Command, CommandTable } from './command.js'
import { debugCommand } from './commands/debug.js'
import { diagnosisCommands } from './commands/diagnosis/commands.js'
import { disableCommand, enableCommand } from './commands/enable.js'
import { exitCommand } from './commands/exit.js'
import { explainCommand, explainInCommand } from './commands/explain.js'
import { helpCommand } from './commands/help.js'
import { modeCommand } from './commands/mode.js'
import { passwdCommand } from './commands/passwd.js'
import { restartCommand } from './commands/restart.js'
import { settingsCommands } from './commands/settings/commands.js'
import { showCallsCommand } from './commands/show-calls.js'
import { showCodesCommand } from './commands/show-codes.js'
import { showLogCommand } from './commands/show-log.js'
import { showMediaCommand } from './commands/show-media.js'
import { showRegistrationCommand } from './commands/show-registration.js'
import { showBoardCommand, showProfileCommand } from './commands/show-rows.js'
import { showSettingsCommand } from './commands/show-settings.js'
import { showTraceCommand } from './commands/show-trace.js'
import { showVersionCommand } from './commands/show-version.js'
import { terminalLanguageCommand, terminalLengthCommand } from './commands/terminal.js'

/** `states`: the situations that `explain` knows. `more`: commands of other parts of the box. */
export const commandTable = (states: readonly string[], more: readonly Command[] = []): CommandTable => {
  const commands: readonly Command[] = [
    debugCommand,
    disableCommand,
    enableCommand,
    exitCommand,
    explainCommand,
    explainInCommand(states),
    helpCommand(() => commands),
    modeCommand,
    passwdCommand,
    restartCommand,
    showBoardCommand,
    showCallsCommand,
    showCodesCommand,
    showLogCommand,
    showMediaCommand,
    showProfileCommand,
    showRegistrationCommand,
    showSettingsCommand,
    showTraceCommand,
    showVersionCommand,
    terminalLanguageCommand,
    terminalLengthCommand,
    ...diagnosisCommands,
    ...settingsCommands,
    ...more,
  ]
  return {
    commands,
    groups: {
      commit: { en: 'Put laid-aside settings into effect', fr: 'Mettre en vigueur les reglages' },
      debug: debugCommand.help,
      explain: explainCommand.help,
      mode: modeCommand.help,
      show: { en: 'Show something', fr: 'Montrer quelque chose' },
      terminal: { en: 'How this session speaks', fr: 'Presentation de cette session' },
      test: { en: 'Test something', fr: 'Tester quelque chose' },
    },
  }
}
