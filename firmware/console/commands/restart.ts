// restart: the daemon ends in order and its supervisor starts it again. An emergency call is never cut; for every other call the
// wish must be said in full.

import { answer, type Command, refusal } from '../command.js'

const said = { en: 'The box restarts; calls end.', fr: 'La box redemarre ; les appels se terminent.' }

export const restartCommand: Command = {
  words: [
    'restart',
    {
      type: 'enum',
      name: 'when',
      optional: true,
      values: { now: { en: 'Although calls stand', fr: 'Malgre les appels en cours' } },
      help: { en: 'Although calls stand', fr: 'Malgre les appels en cours' },
    },
  ],
  help: { en: 'Restart the voice port; calls end', fr: 'Redemarrer ; les appels se terminent' },
  level: 'enable',
  run: async ({ box }, { when }) => {
    const [lines, calls] = await Promise.all([box.lines(), box.calls()])
    const emergency = lines.find(({ situation }) => situation === 'emergency')
    if (emergency)
      return refusal(
        `An emergency call stands on ${emergency.line}: restart when it is over`,
        `Appel d'urgence en cours sur ${emergency.line} : redemarrez quand il sera termine`,
      )
    if (calls.length > 0 && when === undefined)
      return refusal(
        `Calls that would end: ${calls.length}. To restart all the same: restart now`,
        `Appels qui seraient coupes : ${calls.length}. Pour redemarrer quand meme : restart now`,
      )
    box.restart()
    return answer({ restarting: true }, language => [said[language]])
  },
}
