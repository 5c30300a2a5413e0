// Composes the box from its configuration: board, audio half, SIP, settings store and the one loop. Everything the
// process owns is opened here, in the order in which the telephone needs it, and closed in reverse.

import { BenchServer } from './bench-channel.js'
import { createBox, type Box } from '../firmware/run/box.js'
import { electricalProfile, hookTimings, mediaConfig, phoneConfig } from '../firmware/run/line-config.js'
import type { Log } from '../firmware/log.js'
