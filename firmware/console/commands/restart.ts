// restart: the daemon ends in order and its supervisor starts it again.

import { answer, type Command } from '../command.js'

const said = { en: 'The box restarts; calls end.', fr: 'La box redemarre ; les appels se terminent.' }

export const restartCommand: Command = {
  words: ['restart'],
  help: { en: 'Restart the voice port; calls end', fr: 'Redemarrer ; les appels se terminent' },
  level: 'enable',
  run: ({ box }) => {
    box.restart()
    return answer({ restarting: true }, language => [said[language]])
  },
}
