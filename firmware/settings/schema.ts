// The configuration file: every key, its range, default and help text. Everything that shows or checks settings
// (check, console completion, documentation, status page) is made from this one schema.

import * as z from 'zod'
import {
  isAbsolutePath,
  isCidr,
  isHost,
  isLocalListen,
  isProxyUri,
  isTimeZone,
  parseListen,
} from './address.js'
import { choice, counting, flag, list, rule, table, text, whenNeeded, wholeNumber } from './key-types.js'

const filePath = (help: string) => text('a file path', value => value !== '' && !value.includes('\0'), help)
const absolutePath = (help: string) =>
  text('an absolute path, such as "/run/voiceport/x"', isAbsolutePath, help)
const dscp = (help: string) => wholeNumber(0, 63, help)
const localListen = (help: string) =>
  text('a loopback address and port such as "127.0.0.1:7000", or "unix:/path"', isLocalListen, help)
const deviceName = (help: string) =>
  text('the name of a network interface, such as "eth0"', /^[a-z][a-z0-9._-]{0,14}$/i, help)
const sipUser = (help: string) =>
  text(
    "1 to 64 letters, digits or characters of + - _ . ! ~ * ' ( ) & = $ , #",
    /^[\w+\-.!~*'()&=$,#]{1,64}$/,
    help,
  )

const accountTable = () =>
  table(
    {
      user: sipUser('User part of the address of record, usually the telephone number.'),
      authUser: text(
        '1 to 128 printable characters',
        /^[\x20-\x7e]{1,128}$/,
        'User name of the digest; the user when absent.',
      ).exactOptional(),
      domain: text('a host name or address', isHost, 'Domain of the address of record.'),
      password: text(
        '1 to 256 characters',
        value => value.length >= 1 && value.length <= 256,
        'Password of the account.',
      ).exactOptional(),
      passwordFile: filePath(
        'File that holds the password. With neither key the systemd credential "LINE-password" (LINE: id of the line) is read.',
      ).exactOptional(),
      proxies: list(
        text(
          'a SIP URI of a host, such as "sip:192.0.2.1:5060;transport=udp"',
          isProxyUri,
          'One outbound proxy.',
        ),
        0,
        8,
        'SIP URIs',
        'Outbound proxies in order of preference; none: found through DNS from the domain (RFC 3263).',
      ).default([]),
      expiresSeconds: wholeNumber(60, 7200, 'Registration asked for.', 's').default(3600),
      sessionSeconds: wholeNumber(90, 7200, 'Session timer asked for (RFC 4028).', 's').default(1800),
    },
    'The account with the operator.',
  )

export const accountSchema = () =>
  rule(
    accountTable(),
    'passwordFile',
    'must not stand beside password',
    account => account.password === undefined || account.passwordFile === undefined,
  )

const xcapSchema = () =>
  table(
    {
      root: text('an http or https URL', /^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/, 'XCAP root (RFC 4825).'),
      user: text(
        '1 to 128 printable characters',
        /^[\x20-\x7e]{1,128}$/,
        'User name; that of the account when absent.',
      ).exactOptional(),
      passwordFile: filePath('File with the password; that of the account when absent.').exactOptional(),
    },
    "Where the network keeps the subscriber's service settings.",
  )

const lineTable = () =>
  table(
    {
      id: counting(
        'file',
        text(
          'a port of the board: letters, digits and "-", such as "tel1"',
          /^[a-z][a-z0-9-]{0,15}$/,
          'Port of the board the telephone is plugged into.',
        ),
      ),
      account: accountSchema().exactOptional(),
      callerId: choice(
        ['profile', 'after-ring1', 'off'],
        'When the telephone is told who calls: as the profile says, after the first ring (older telephones), or never.',
      ).default('profile'),
      callerIdInCall: flag(
        'A waiting call is shown to telephones that can show it; the tone that asks them is heard in others.',
      ).default(true),
      callWaiting: flag('A second call is announced during a call.').default(true),
      mwi: choice(
        ['subscribe', 'unsolicited', 'off'],
        'How the voicemail lamp learns of messages (RFC 3842).',
      ).default('subscribe'),
      unverifiedMark: text(
        'at most 8 printable ASCII characters',
        /^[\x20-\x7e]{0,8}$/,
        'Shown before the name of a caller whose number the network does not vouch for (verstat); empty: none.',
      ).default(''),
      numbers: choice(['as-dialled', 'e164'], 'Form of numbers sent to the operator.').default('as-dialled'),
      masking: table(
        {
          owner: choice(['box', 'network', 'both'], 'Who decides whether the number is withheld.').default(
            'box',
          ),
        },
        'Caller identity restriction.',
      ).prefault({}),
      codes: table(
        {
          hash: choice(['escaped', 'raw', 'strip'], 'How "#" stands in a Request-URI.').default('escaped'),
          okFinals: list(
            wholeNumber(300, 699, 'A final response.'),
            0,
            16,
            'SIP status codes',
            'Finals that mean success of a network code besides 2xx.',
          ).default([]),
        },
        'Star and hash codes.',
      ).prefault({}),
      xcap: xcapSchema().exactOptional(),
      conference: table(
        {
          factory: text(
            'a SIP URI',
            /^sips?:[^\s@]+@[^\s@]+$/i,
            'Conference factory of the operator (RFC 4579).',
          ).exactOptional(),
        },
        'Three-way conference.',
      ).prefault({}),
    },
    'One telephone line.',
  )

export const lineSchema = () =>
  rule(
    lineTable(),
    'masking',
    'must not have the owner "both" without the network\'s settings (xcap) and an account',
    line => line.masking.owner !== 'both' || (line.xcap !== undefined && line.account !== undefined),
  )

const configTable = () =>
  table(
    {
      board: counting(
        'file',
        text(
          'the name of a board or a path to a board file',
          /^[^\0]+$/,
          'A name in board/boards/, or a path to a board file.',
        ),
      ),
      profile: text(
        'the name of a profile or a path to a profile file',
        /^[^\0]+$/,
        'A name in board/profiles/, or a path.',
      ).default('fr'),
      timezone: text(
        'a time zone such as "Europe/Paris"',
        isTimeZone,
        'Time zone of dates shown to callers.',
      ).default('Europe/Paris'),
      line: list(lineSchema(), 1, 8, 'lines ([[line]])', 'The telephone lines.'),
      sip: table(
        {
          listen: text(
            'an address or interface with a port, such as "192.0.2.5:5060" or "eth0:5060"',
            v => (parseListen(v, 5060)?.port ?? 0) > 0,
            'Where SIP listens. 0.0.0.0: the address of the route to the proxy.',
          ).default('0.0.0.0:5060'),
          device: deviceName('Network interface SIP is bound to, whatever the routes say.').exactOptional(),
          dscp: dscp('DSCP mark of SIP (RFC 4594).').default(24),
          allow: list(
            text('a network in CIDR form, such as "192.0.2.0/24"', isCidr, 'One network.'),
            0,
            64,
            'networks',
            'Sources allowed besides the proxies; everything else is a stranger.',
          ).default([]),
        },
        'SIP transport.',
        'start',
      ).prefault({}),
      media: table(
        {
          listen: text(
            'an address or the name of an interface',
            v => parseListen(v, 0)?.port === 0,
            'Where RTP listens. 0.0.0.0: the address of the route to the proxy.',
          ).default('0.0.0.0'),
          device: deviceName('Network interface RTP is bound to.').exactOptional(),
          ports: portRange().default([16384, 16483]),
          dscp: dscp('DSCP mark of RTP (RFC 4594).').default(46),
        },
        'RTP transport.',
      ).prefault({}),
      store: table(
        {
          path: absolutePath('Database of what changes at run time.').default(
            '/var/lib/voiceport/voiceport.db',
          ),
        },
        'SQLite store.',
        // Where these settings are cannot stand among them.
        'file',
      ).prefault({}),
      bench: table(
        {
          listen: localListen('Bench channel of a simulated board; off unless set.').exactOptional(),
          serial: absolutePath('Serial port that carries the bench channel.').exactOptional(),
        },
        'Bench channel, simulated boards only.',
        'start',
      ).prefault({}),
      console: table(
        {
          serial: absolutePath('Serial port of the technician console, 115200 8N1.').exactOptional(),
          socket: absolutePath('Unix socket of the console.').exactOptional(),
          viewSecretFile: filePath(
            'File with the secret of the viewing level; unset: that level refuses.',
          ).exactOptional(),
          enableSecretFile: filePath(
            'File with the secret of the changing level; unset: that level refuses.',
          ).exactOptional(),
        },
        'Technician console.',
        // Whoever has one secret must not name another one, nor lock himself and everybody else out.
        'file',
      ).prefault({}),
      status: table(
        {
          listen: text(
            'an address and port, such as "127.0.0.1:8080"',
            v => /:\d+$/.test(v) && (parseListen(v, 0)?.port ?? 0) > 0,
            'Status page; off unless set.',
          ).exactOptional(),
        },
        'Status page.',
        'start',
      ).prefault({}),
      log: table(
        { level: choice(['debug', 'info', 'warn', 'error'], 'Least grave message written.').default('info') },
        'Log on standard error.',
      ).prefault({}),
      trace: table(
        { path: absolutePath('Where SIGUSR2 writes the trace.').default('/var/lib/voiceport/trace.jsonl') },
        'Trace of the feature machine.',
        // Written, and erased by a reset, with the rights of the daemon.
        'file',
      ).prefault({}),
    },
    'voiceport configuration',
  )

export const configSchema = whenNeeded(() =>
  rule(
    configTable(),
    'line',
    'must not name a port twice (line.id)',
    ({ line }) => new Set(line.map(({ id }) => id)).size === line.length,
  ),
)

function portRange() {
  const legal = 'must be a pair [first, last] of ports from 1024 to 65535, first even, at least 8 ports'
  const port = z.int(legal).min(1024, legal).max(65_535, legal)
  return z
    .tuple([port, port], legal)
    .refine(([first, last]) => first % 2 === 0 && last - first >= 7, legal)
    .meta({ description: 'UDP ports of RTP (even) and RTCP (odd).', legal })
}

/** The file as written, defaults filled in. */
export type ConfigFile = z.infer<ReturnType<typeof configSchema>>
export type LineFile = z.infer<ReturnType<typeof lineSchema>>

type WithPassword<T> = Omit<T, 'password' | 'passwordFile'> & { readonly password: string }
export type AccountConfig = WithPassword<z.infer<ReturnType<typeof accountSchema>>>
export type LineConfig = Omit<LineFile, 'account' | 'xcap'> & {
  readonly account?: AccountConfig
  readonly xcap?: { readonly root: string; readonly user?: string; readonly password: string }
}
/** The configuration the box runs on: defaults filled in, secrets read. */
export type Config = Omit<ConfigFile, 'line'> & { readonly line: readonly LineConfig[] }
