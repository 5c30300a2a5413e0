// Every coded error of voiceport in one table: what is wrong is said where it happens, what to do about it stands here.
// 1xxx configuration and files, 2xxx line and telephone, 3xxx SIP, 4xxx media, 5xxx store, 6xxx bench channel, 7xxx command line and console.

export const errorTable = {
  'VP-1001': 'Create the file or name another one with --config FILE.',
  'VP-1002': 'Mend the TOML syntax at the line shown.',
  'VP-1003': 'Give the key a value inside its range.',
  'VP-1004': 'Remove the key or correct its spelling.',
  'VP-1005': 'Add the missing key.',
  'VP-1006': 'Give a readable file whose only line is the secret.',
  'VP-1007': 'Keep one of the keys that exclude each other.',
  'VP-1008': 'Name a board or profile that comes with voiceport, or give a path.',
  'VP-1009': 'Let extends name another profile.',
  'VP-1010': 'Give the line the name of a port of the board.',
  'VP-1011': 'Give each signal a line or channel of its own.',
  'VP-1012': 'Plug the device in, load its kernel module, or name another one in the board file.',
  'VP-1013':
    'Put the user of the service into the group shown (usermod -aG GROUP voiceport), or change the rights of the device (udev).',
  'VP-1014': 'Use backend = "cdev", or a kernel with the former GPIO interface (CONFIG_GPIO_SYSFS).',
  'VP-1015':
    'Switch the PWM on in the device tree (Raspberry Pi: dtoverlay=pwm), or use ring = "rm-only" with a module that makes its own ring frequency.',
  'VP-1016':
    'Let ALSA convert (plughw: instead of hw:), or name a device that takes 8000 samples a second of 16 bits.',
  'VP-1017': 'End the other program that has it; fuser -v PATH shows which one.',
  'VP-5001': 'Give the store a directory that exists and that voiceport may write to.',
  'VP-5002': 'Run a voiceport at least as new as the one that wrote the store, or move the store away.',
  'VP-5003':
    'The damaged store was set aside under the name shown; settings made by telephone start afresh, with every number withheld until #93# is dialled.',
  'VP-5004': 'End the other voiceport that uses this store.',
  'VP-5005': 'Free some space on the disk of the store, then repeat the change.',
  'VP-5006': 'Repeat the change; if it fails again, look at the disk of the store.',
  'VP-6001': 'Send one JSON object per line, at most 64 KiB.',
  'VP-6002': 'Use one of the requests of test/bench/PROTOCOL.md.',
  'VP-6003': 'Name the line: {"line":"tel1"}.',
  'VP-6004': 'Correct the field shown; test/bench/PROTOCOL.md gives its range.',
  'VP-6005': 'Give an 8 kHz mono 16-bit WAV file that the bench server can read.',
  'VP-6006': 'The telephone was put on-hook; lift it and send the action again.',
  'VP-6007':
    'Wait for replies before sending more requests; if the audio half is gone, see the log of the box.',
  'VP-7001': 'voiceport --help lists the commands.',
  'VP-7002': 'voiceport COMMAND --help lists the flags and arguments.',
  'VP-7003': 'Name a file that exists and can be read.',
  'VP-7101': 'Give a trace file as the daemon wrote it (SIGUSR2, [trace] path).',
  'VP-7102': 'Name the keys and the state: voiceport explain "R 2" --state active.',
  'VP-7201': 'Give the keys as one argument, in quotes: voiceport lab dial "*21*0612345678".',
  'VP-7202': 'Give one edge a line, {"offHook":true,"us":1000}, in the order of time.',
  'VP-7203': 'voiceport lab hook --help and voiceport lab dial --help list the flags.',
  'VP-7204': 'Give an 8 kHz mono 16-bit WAV file, a raw .s16 file, or - for raw samples on standard input.',
  'VP-7205':
    'voiceport lab clip --help, lab clip-decode --help, lab dtmf --help, lab tone --help and lab echo --help list the flags.',
  'VP-7206': 'Use one of the tones of the profile.',
  'VP-7501': 'Give the secret of the console: {"login":"SECRET"} in HIL mode.',
  'VP-7502':
    'Send one JSON object a line, {"id":1,"do":"show lines"}, at most 8192 characters, others than ASCII as \\u00e9.',
  'VP-7503': 'Write the whole words of a command; help lists them.',
  'VP-7504': 'Do what the message says, then repeat the command.',
  'VP-7505': 'Log in for changes: enable, or {"login":"SECRET","level":"enable"}.',
  'VP-7506': 'Look at show log; the box goes on working.',
  'VP-7508': 'Use a key, or a TR-104 name, that {"list":""} shows.',
  'VP-7507':
    'Set [console] socket in the configuration, start the box, and use a user who may open the socket.',
  'VP-7301': 'voiceport bench NAME [--json], with one of the names.',
} as const

export type ErrorCode = keyof typeof errorTable

export class VoiceportError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'VoiceportError'
    this.code = code
  }
  /** What the reader can do about it. */
  get fix(): string {
    return errorTable[this.code]
  }
}
