// The version of the package, said on the wire, in traces and by the command line.

export const version = '0.1.0'
