/* version.h - the version, in one place. */
#ifndef SP_VERSION_H
#define SP_VERSION_H

#define SP_VERSION "0.1.0"

#endif
